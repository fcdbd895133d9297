#include "report/style.h"

namespace raykeep::report {

// Colours are chosen in pairs with a contrast of at least 4.5 to 1, on each background that they
// stand on. Nothing is told by colour alone.
constinit const Literal style_sheet = R"css(
:root {
  color-scheme: light;
  --paper: #fff; --panel: #f5f7f9; --ink: #191c20; --soft: #545c66; --line: #d5dae0;
  --link: #0a4f8c; --bad: #a8201a; --bad-paper: #fdf0ee; --warn: #734d00; --warn-paper: #fdf6e3;
  --good: #17633a; --good-paper: #eef7f1; --box: #fff;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    color-scheme: dark;
    --paper: #121518; --panel: #1a1e22; --ink: #e3e6e9; --soft: #a4adb7; --line: #343b43;
    --link: #82bbf5; --bad: #ff9c92; --bad-paper: #2d1a1a; --warn: #f0c46a; --warn-paper: #2a2415;
    --good: #86d6a2; --good-paper: #15251b; --box: #171b1f;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
.skip { position: absolute; left: -100vw; }
.skip:focus-within { left: 8px; top: 8px; padding: 6px 10px; background: var(--paper); z-index: 1; }
header, main, footer { max-width: 1240px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 36px; }
.kicker { margin: 0; color: var(--soft); font-size: 13px; letter-spacing: .04em; }
h1 { margin: 2px 0 6px; font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; }
h2 { margin: 44px 0 10px; padding-top: 10px; border-top: 2px solid var(--ink); font-size: 19px; line-height: 1.3; font-weight: 650; }
h3 { margin: 22px 0 6px; font-size: 15px; font-weight: 650; }
p { margin: 6px 0 10px; max-width: 76ch; }
a { color: var(--link); text-underline-offset: 2px; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
code, .mono { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Consolas, monospace; font-size: .9em; }
.facts { margin: 0; padding: 0; list-style: none; color: var(--soft); font-size: 14px; }
.facts li { display: inline; }
.facts li + li::before { content: " \00b7  "; }
nav ul { display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 14px 0 0; padding: 0; list-style: none; font-size: 14px; }
nav a { display: inline-block; padding: 3px 0; }
.banner { margin: 20px 0 0; padding: 10px 14px; border-left: 5px solid var(--bad); background: var(--bad-paper); }
.banner strong { color: var(--bad); }
.banner p { margin: 0; }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 1px; margin: 20px 0 14px; padding: 0; border: 1px solid var(--line); background: var(--line); }
.numbers div { padding: 10px 14px 12px; background: var(--paper); }
.numbers dt { color: var(--soft); font-size: 13px; }
.numbers dd { margin: 0; }
.numbers .figure { display: block; font-size: 25px; line-height: 1.25; font-weight: 600; }
.numbers .under { display: block; color: var(--soft); font-size: 13px; line-height: 1.35; }
.bad { color: var(--bad); } .warn { color: var(--warn); } .good { color: var(--good); } .soft { color: var(--soft); }
strong.bad, div.bad { font-weight: 650; }
.verdict { margin: 0; padding: 0; list-style: none; max-width: 84ch; }
.verdict li { position: relative; padding: 3px 0 3px 26px; }
.verdict li::before { position: absolute; left: 3px; font-weight: 700; }
.verdict .good::before { content: "\2713"; } .verdict .bad::before { content: "\2717"; } .verdict .warn::before { content: "!"; left: 7px; }
.verdict li { color: var(--ink); }
.verdict .good::before { color: var(--good); } .verdict .bad::before { color: var(--bad); } .verdict .warn::before { color: var(--warn); }
table { width: 100%; border-collapse: collapse; font-size: 13.5px; line-height: 1.42; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
th, td { padding: 6px 14px 6px 0; text-align: left; vertical-align: top; unicode-bidi: isolate; white-space: pre-line; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-bottom: 1px solid var(--ink); color: var(--soft); font-weight: 600; font-size: 12.5px; white-space: nowrap; }
tbody tr { border-bottom: 1px solid var(--line); }
tbody th { font-weight: 600; }
tr.heading th { padding: 18px 0 5px; border-bottom: 1px solid var(--ink); font-size: 14px; }
td ul.plain, li ul { margin: 0; padding: 0; list-style: none; }
.flows { table-layout: fixed; }
.flows th:nth-child(1) { width: 3.2%; } .flows th:nth-child(2) { width: 16%; } .flows th:nth-child(3) { width: 13%; }
.flows th:nth-child(4) { width: 10.8%; } .flows th:nth-child(5) { width: 8.6%; } .flows th:nth-child(6) { width: 16.4%; }
.flows th:nth-child(7) { width: 18.6%; } .flows th:nth-child(8) { width: 13.4%; }
.flows tr.heading th { width: auto; }
.rights, .objects, .findings, .exceptions { table-layout: fixed; }
.rights th:nth-child(1) { width: 18%; } .rights th:nth-child(2) { width: 16%; } .rights th:nth-child(3) { width: 22%; }
.objects th:nth-child(1) { width: 20%; } .objects th:nth-child(2) { width: 9%; } .objects th:nth-child(3) { width: 44%; }
.findings th:nth-child(1) { width: 9%; } .findings th:nth-child(2) { width: 24%; } .exceptions th:nth-child(1) { width: 46%; }
.permit { display: grid; grid-template-columns: 30px 1fr; }
.small { display: block; font-size: 12.5px; color: var(--soft); }
.small.bad { color: var(--bad); }
.tag { display: inline-block; padding: 0 6px; border: 1px solid currentColor; border-radius: 3px; font-size: 12px; line-height: 1.5; font-weight: 600; white-space: nowrap; }
details summary { cursor: pointer; }
details summary::marker { color: var(--soft); }
.scroll { overflow-x: auto; border: 1px solid var(--line); padding: 14px; }
.picture { display: block; width: 100%; min-width: 860px; max-width: 1120px; height: auto; margin: 0 auto; }
.picture text { font-size: 12px; fill: var(--ink); }
.picture .name { font-size: 13.5px; font-weight: 650; }
.picture .note, .picture .from, .picture .frame-name { fill: var(--soft); font-size: 11.5px; }
.picture .port { font-weight: 600; }
.picture .word { text-anchor: end; font-size: 11px; } .picture .chip-pods { text-anchor: end; fill: var(--soft); }
.picture .word.no { fill: var(--bad); } .picture .word.application { fill: var(--warn); } .picture .word.yes { fill: var(--good); }
.picture .box { fill: var(--box); stroke: var(--soft); } .picture .ours { stroke: var(--ink); stroke-width: 1.5; }
.picture .chip { fill: var(--panel); stroke: var(--soft); stroke-width: .8; }
.picture .frame { fill: none; stroke: var(--soft); stroke-dasharray: 2 4; }
.picture .ports { stroke-width: 0; }
.picture .ports.no { fill: var(--bad-paper); } .picture .ports.application { fill: var(--warn-paper); } .picture .ports.yes { fill: var(--good-paper); }
.picture .arrow { fill: none; stroke-width: 1.4; }
.picture .arrow.no { stroke: var(--bad); stroke-dasharray: 6 3; } .picture .arrow.application { stroke: var(--warn); stroke-dasharray: 1.5 3; } .picture .arrow.yes { stroke: var(--good); }
.picture .tip.no { fill: var(--bad); } .picture .tip.application { fill: var(--warn); } .picture .tip.yes { fill: var(--good); }
.words, .words ul { padding-left: 20px; font-size: 14px; } .words ul { list-style: disc; }
footer { margin-top: 48px; padding-bottom: 40px; color: var(--soft); font-size: 13px; }
@media screen and (max-width: 760px) {
  header, main, footer { padding-left: 16px; padding-right: 16px; }
  header { padding-top: 20px; }
  h1 { font-size: 24px; }
  .numbers { grid-template-columns: 1fr 1fr; }
  .numbers .figure { font-size: 21px; }
  table, tbody, tr, td, tbody th { display: block; width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { padding: 8px 0 10px; }
  tbody tr.heading { padding: 14px 0 0; border-bottom: 0; }
  tbody td, tbody tr:not(.heading) th, .flows tr:not(.heading) th:nth-child(1) { display: grid; grid-template-columns: 92px 1fr; gap: 0 10px; width: auto; padding: 2px 0; }
  td::before, tbody tr:not(.heading) th::before { content: attr(data-label); grid-column: 1; color: var(--soft); font-size: 12.5px; font-weight: 400; }
  td:has(> div:empty) { display: none; }
}
@page { margin: 14mm 12mm; }
@page wide { size: landscape; }
@media print {
  body { font-size: 9.5pt; }
  header, main, footer { max-width: none; padding: 0; }
  nav, .skip { display: none; }
  h2 { margin-top: 22pt; font-size: 13pt; break-after: avoid; }
  h3, thead, tr.heading { break-after: avoid; }
  table { font-size: 7.8pt; } thead th, .small, .tag { font-size: 7.3pt; }
  tr, .numbers div, .banner { break-inside: avoid; }
  .numbers { grid-template-columns: repeat(3, 1fr); }
  .scroll { overflow: visible; border: 0; padding: 0; break-inside: avoid; }
  .picture { min-width: 0; max-height: 225mm; }
  .banner, .picture, .numbers { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  details.short::details-content { content-visibility: visible; }
  .flows { page: wide; }
  .flows th:nth-child(1) { width: 4%; } .findings th:nth-child(1) { width: 13%; }
  a { color: inherit; text-decoration: none; }
}
)css";

}  // namespace raykeep::report
