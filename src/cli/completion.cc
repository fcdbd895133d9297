// raykeep completion: scripts for bash, zsh and fish, made from the same table as the help texts.
// Cluster names are asked of the cluster itself (raykeep status -o name) with a short patience.
#include "base/text.h"

#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/exit_code.h"

namespace raykeep::cli {
namespace {

bool takes_cluster(const Shape& shape) {
  return shape.name == "status" || shape.name == "down" || shape.name == "connect" ||
         shape.name == "drill" || shape.name == "report";
}

std::vector<std::string> names_of(const std::vector<Shape>& shapes) {
  std::vector<std::string> names;
  for (const Shape& shape : shapes) names.push_back(shape.name);
  return names;
}

std::string single_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// The cases of bash's script after a flag that takes a value.
std::string bash_values(const Shape& shape) {
  std::string out;
  for (const Shape::Flag& flag : shape.flags) {
    if (!flag.takes_value) continue;
    if (flag.is_file) {
      out += fmt::format("        {}:{}) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n",
                         shape.name, join(flag.names, fmt::format("|{}:", shape.name)));
    } else {
      out += fmt::format(
          "        {}:{}) COMPREPLY=($(compgen -W \"{}\" -- \"$word\")); return ;;\n", shape.name,
          join(flag.names, fmt::format("|{}:", shape.name)), join(flag.values, " "));
    }
  }
  return out;
}

std::string bash_words(const Shape& shape) {
  std::vector<std::string> words = shape.words;
  for (const Shape::Flag& flag : shape.flags)
    words.insert(words.end(), flag.names.begin(), flag.names.end());
  std::string names =
      takes_cluster(shape) ? " $(raykeep status -o name --request-timeout 2s 2>/dev/null)" : "";
  std::string files = shape.name == "check" ? " $(compgen -f -- \"$word\")" : "";
  return fmt::format("        {}) COMPREPLY=($(compgen -W \"{}{}{}\" -- \"$word\")) ;;\n",
                     shape.name, join(words, " "), names, files);
}

std::string bash(const std::vector<Shape>& shapes) {
  std::string out =
      "# bash completion for raykeep: source <(raykeep completion bash)\n"
      "_raykeep() {\n"
      "    local word=\"${COMP_WORDS[COMP_CWORD]}\" before=\"${COMP_WORDS[COMP_CWORD-1]}\" "
      "command=\"${COMP_WORDS[1]}\"\n"
      "    COMPREPLY=()\n"
      "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n";
  out +=
      fmt::format("        COMPREPLY=($(compgen -W \"{} --help\" -- \"$word\")); return\n    fi\n",
                  join(names_of(shapes), " "));
  out += "    case \"$command:$before\" in\n";
  for (const Shape& shape : shapes) out += bash_values(shape);
  out += "    esac\n    case \"$command\" in\n";
  for (const Shape& shape : shapes) out += bash_words(shape);
  return out + "    esac\n}\ncomplete -o default -F _raykeep raykeep kubectl-raykeep\n";
}

/// Zsh's _arguments specification of one flag: '(-o --output)'{-o,--output}'[Output
/// format]:value:(text json)'.
std::string zsh_flag(const Shape::Flag& flag) {
  std::string what;
  for (char c : flag.description) what += c == '[' || c == ']' || c == ':' ? ' ' : c;
  std::string value = !flag.takes_value ? ""
                      : flag.is_file    ? ":file:_files"
                                        : fmt::format(":value:({})", join(flag.values, " "));
  std::string names = flag.names.size() == 1 ? flag.names[0] : "{" + join(flag.names, ",") + "}";
  std::string exclusive = flag.names.size() == 1 ? "" : "'(" + join(flag.names, " ") + ")'";
  return fmt::format("      {}{}{} \\\n", exclusive, names,
                     single_quoted("[" + what + "]" + value));
}

std::string zsh(const std::vector<Shape>& shapes) {
  std::string out =
      "#compdef raykeep kubectl-raykeep\n"
      "# zsh completion for raykeep: source <(raykeep completion zsh)\n"
      "_raykeep_clusters() { compadd -- $(raykeep status -o name --request-timeout 2s 2>/dev/null) "
      "}\n"
      "_raykeep() {\n  local -a commands=(\n";
  for (const Shape& shape : shapes)
    out += "    " + single_quoted(shape.name + ":" + shape.description) + "\n";
  out +=
      "  )\n  if (( CURRENT == 2 )); then _describe command commands; return; fi\n  shift words; "
      "(( CURRENT-- ))\n  case $words[1] in\n";
  for (const Shape& shape : shapes) {
    out += fmt::format("    {}) _arguments \\\n", shape.name);
    for (const Shape::Flag& flag : shape.flags) out += zsh_flag(flag);
    std::string rest = takes_cluster(shape) ? "'*:cluster:_raykeep_clusters'"
                       : shape.words.empty()
                           ? "'*:file:_files'"
                           : single_quoted("1:word:(" + join(shape.words, " ") + ")");
    out += "      " + rest + " ;;\n";
  }
  return out +
         "  esac\n}\nif [ \"$funcstack[1]\" = _raykeep ]; then _raykeep \"$@\"; else compdef "
         "_raykeep raykeep kubectl-raykeep; fi\n";
}

std::string fish_flag(const Shape& shape, const Shape::Flag& flag) {
  std::string out =
      fmt::format("complete -c raykeep -n '__fish_seen_subcommand_from {}'", shape.name);
  for (const std::string& name : flag.names) {
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (flag.takes_value)
    out +=
        flag.is_file ? " -r -F" : fmt::format(" -x -a {}", single_quoted(join(flag.values, " ")));
  return out + " -d " + single_quoted(flag.description) + "\n";
}

std::string fish(const std::vector<Shape>& shapes) {
  std::string out =
      "# fish completion for raykeep: raykeep completion fish | source\ncomplete -c raykeep -f\n";
  for (const Shape& shape : shapes) {
    out += fmt::format("complete -c raykeep -n __fish_use_subcommand -a {} -d {}\n", shape.name,
                       single_quoted(shape.description));
    for (const Shape::Flag& flag : shape.flags) out += fish_flag(shape, flag);
    std::string words = takes_cluster(shape)
                            ? "(raykeep status -o name --request-timeout 2s 2>/dev/null)"
                            : join(shape.words, " ");
    if (!words.empty())
      out += fmt::format("complete -c raykeep -n '__fish_seen_subcommand_from {}' -a {}\n",
                         shape.name, single_quoted(words));
    if (shape.name == "check")
      out += "complete -c raykeep -n '__fish_seen_subcommand_from check' -F\n";
  }
  return out;
}

}  // namespace

int run(const CompletionArguments& arguments) {
  std::vector<Shape> shapes = command_shapes();
  fmt::print("{}", arguments.shell == "bash"  ? bash(shapes)
                   : arguments.shell == "zsh" ? zsh(shapes)
                                              : fish(shapes));
  return ExitCode::done;
}

}  // namespace raykeep::cli
