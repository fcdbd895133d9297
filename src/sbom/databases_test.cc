// What each package database says, as tables.
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sbom/apk.h"
#include "sbom/conda.h"
#include "sbom/dpkg.h"
#include "sbom/go.h"
#include "sbom/licence.h"
#include "sbom/os_release.h"
#include "sbom/package.h"
#include "sbom/python.h"

namespace raykeep::sbom {
namespace {

const OsRelease ubuntu{.id = "ubuntu", .version = "24.04"};

std::string purls(const std::vector<Package>& packages) {
  std::string made;
  for (const Package& each : packages) made += each.purl + '\n';
  return made;
}

TEST(OsRelease, IsReadAsAShellWould) {
  auto os =
      parse_os_release("# c\nID=ubuntu\nVERSION_ID=\"24.04\"\nPRETTY_NAME='Ubuntu \\\"N\\\"'\nX\n");
  EXPECT_EQ(os, (OsRelease{"ubuntu", "24.04", "Ubuntu \"N\""}));
  EXPECT_EQ(os.distro(), "ubuntu-24.04");
  EXPECT_EQ(parse_os_release("ID=arch").distro(), "arch");
  EXPECT_EQ(parse_os_release("").distro(), "");
}

TEST(Dpkg, ListsWhatIsInstalled) {
  auto packages = parse_dpkg(
      "Package: libc6\nStatus: install ok installed\nMaintainer: G <g@example.org>\n"
      "Architecture: amd64\nSource: glibc\nVersion: 2.36-9+deb12u10\nDescription: x\n Version: 9\n "
      ".\n"
      "\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n"
      "Package: perl-base\r\nVersion: 1:5.36~x\r\nSource: perl (5.36-7)\r\nArchitecture: all\r\n\n"
      "Package: noversion\n\nnonsense\n",
      ubuntu, "var/lib/dpkg/status");
  EXPECT_EQ(
      purls(packages),
      "pkg:deb/ubuntu/libc6@2.36-9%2Bdeb12u10?arch=amd64&distro=ubuntu-24.04&upstream=glibc\n"
      "pkg:deb/ubuntu/perl-base@1:5.36~x?arch=all&distro=ubuntu-24.04&upstream=perl%405.36-7\n");
  EXPECT_EQ(packages[0].source_name, "glibc");
  EXPECT_EQ(packages[0].source_version, "2.36-9+deb12u10");
  EXPECT_EQ(packages[0].supplier, "G <g@example.org>");
  EXPECT_EQ(packages[1].source_version, "5.36-7");
  EXPECT_EQ(packages[1].locations, std::vector<std::string>{"var/lib/dpkg/status"});
}

TEST(Dpkg, NamesFilesInBothForms) {
  std::string files;
  auto take = [&](std::string_view path) { files += fmt::format("{} ", path); };
  each_dpkg_file("/.\n/usr/bin/a b\nrelative\n", take);
  each_dpkg_file("d41d8cd98f00b204e9800998ecf8427e  usr/lib/x.so\n", take);
  EXPECT_EQ(files, "/. /usr/bin/a b usr/lib/x.so ");
}

TEST(Apk, ListsPackagesAndTheirFiles) {
  const char text[] =
      "C:Q1abc=\nP:libssl3\nV:3.1.4-r5\nA:x86_64\nL:Apache-2.0\no:openssl\nm:A <a@example.org>\n"
      "F:lib\nR:libssl.so.3\nZ:Q1x\n\nP:musl\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\nF:\nR:root";
  auto packages = parse_apk(text, {.id = "alpine", .version = "3.19.1"}, "lib/apk/db/installed");
  EXPECT_EQ(purls(packages),
            "pkg:apk/alpine/libssl3@3.1.4-r5?arch=x86_64&distro=alpine-3.19.1&upstream=openssl\n"
            "pkg:apk/alpine/musl@1.2.4-r2?arch=x86_64&distro=alpine-3.19.1\n");
  EXPECT_EQ(packages[0].licence, "Apache-2.0");
  EXPECT_EQ(packages[0].source_name, "openssl");
  std::string files;
  each_apk_file(text, [&](std::string_view path) { files += fmt::format("{} ", path); });
  EXPECT_EQ(files, "lib/libssl.so.3 /root ");
}

TEST(Python, ReadsCoreMetadata) {
  auto package = parse_python(
      "Metadata-Version: 2.4\nName: Foo_Bar.baz\nversion: 1.0+cu121\nLicense-Expression: MIT\n"
      "License: UNKNOWN\nAuthor-email: A <a@example.org>\n\nName: in the description\n",
      "site/Foo_Bar.dist-info/METADATA");
  ASSERT_TRUE(package);
  EXPECT_EQ(package->purl, "pkg:pypi/foo-bar-baz@1.0%2Bcu121");
  EXPECT_EQ(package->name, "Foo_Bar.baz");
  EXPECT_EQ(package->licence, "MIT");
  EXPECT_EQ(package->supplier, "A <a@example.org>");
  auto older = parse_python("Name: x\nVersion: 2\nLicense: BSD\n  and more\n", "x.egg-info");
  EXPECT_EQ(older->licence, "BSD");
  EXPECT_FALSE(parse_python("Name: x\n\nVersion: 2\n", "x.egg-info"));
  EXPECT_FALSE(parse_python("", "x.egg-info"));
}

TEST(Python, RecordsAreRelativeToTheirFolder) {
  std::string files;
  each_python_file("ray/core/raylet,sha256=x,9\n\"a,\"\"b\"\"\",,\n../../../bin/ray,,\n/abs,,\n\n",
                   "opt/lib/python3.9/site-packages/ray.dist-info/RECORD",
                   [&](std::string_view path) { files += fmt::format("{} ", path); });
  EXPECT_EQ(files,
            "opt/lib/python3.9/site-packages/ray/core/raylet "
            "opt/lib/python3.9/site-packages/a,\"b\" opt/bin/ray /abs ");
}

TEST(Conda, ReadsItsMeta) {
  const std::string sha(64, 'a');
  std::string files;
  auto package = parse_conda(
      fmt::format(R"({{"name":"_libgcc_mutex","version":"0.1","build":"main","subdir":"linux-64",)"
                  R"("channel":"https://conda.example/pkgs/main/linux-64","license":"Zlib",)"
                  R"("sha256":"{}","files":["lib/libz.so",7]}})",
                  sha),
      "opt/conda/conda-meta/x.json", [&](std::string_view path) { files += path; });
  ASSERT_TRUE(package);
  EXPECT_EQ(package->purl, "pkg:conda/_libgcc_mutex@0.1?build=main&channel=main&subdir=linux-64");
  EXPECT_EQ(package->sha256, sha);
  EXPECT_EQ(files, "opt/conda/lib/libz.so");
  EXPECT_EQ(parse_conda(R"({"name":"a","version":"1","channel":"conda-forge"})", "x")->purl,
            "pkg:conda/a@1?channel=conda-forge");
  EXPECT_FALSE(parse_conda("[]", "x"));
  EXPECT_FALSE(parse_conda("{}", "x"));
  EXPECT_FALSE(parse_conda("{", "x"));
}

std::string go_program(std::string_view modules) {
  std::string made =
      std::string(48, '\0') + "\xff Go buildinf:" + "\x08\x02" + std::string(16, '\0');
  const std::string text = std::string(16, 'm') + std::string(modules) + std::string(16, 'n');
  made += std::string("\x06", 1) + "go1.22";
  made += static_cast<char>(0x80 | (text.size() & 0x7f));
  made += static_cast<char>(text.size() >> 7);
  return made + text + "more";
}

TEST(Go, ProgramsNameTheirModules) {
  GoBuildInfo info;
  info.add(go_program(
      "path\texample.com/m/cmd\nmod\tgithub.com/Ray/M\t(devel)\t\n"
      "dep\tgolang.org/x/net\tv0.1.0\th1:x\ndep\ta.b/old\tv1.0.0\n=>\ta.b/new\tv2.0.0\t\n"
      "dep\ta.b/kept\tv3\n=>\t./here\t\t\nbuild\t-ldflags=x\tz\n"));
  auto packages = parse_go(info.bytes(), "manager");
  ASSERT_TRUE(packages) << packages.error().text;
  EXPECT_EQ(
      purls(*packages),
      "pkg:golang/stdlib@1.22\npkg:golang/github.com/ray/m\npkg:golang/golang.org/x/net@v0.1.0\n"
      "pkg:golang/a.b/new@v2.0.0\npkg:golang/a.b/kept@v3\n");
  GoBuildInfo none;
  none.add(std::string(64, 'x'));
  EXPECT_TRUE(none.bytes().empty());
  EXPECT_FALSE(parse_go("", "x"));
  EXPECT_FALSE(parse_go(go_program("").substr(48, 40), "x"));
}

TEST(Package, ThoseOfOnePurlAreOne) {
  std::vector<Package> packages{{.purl = "pkg:b", .locations = {"z"}},
                                {.purl = "pkg:a", .locations = {"y"}},
                                {.purl = "pkg:b", .locations = {"x"}},
                                {.purl = "pkg:b", .locations = {"x"}}};
  sort_packages(packages);
  ASSERT_EQ(purls(packages), "pkg:a\npkg:b\n");
  EXPECT_EQ(packages[1].locations, (std::vector<std::string>{"x", "z"}));
  std::vector<Package> none;
  sort_packages(none);
}

TEST(Licence, IsSpdxOnlyIfSpdxKnowsIt) {
  for (const char* text :
       {"MIT", "Apache-2.0 OR MIT", "(MIT AND Zlib) OR ISC", " BSD-3-Clause ",
        "GPL-2.0-only WITH Linux-syscall-note", "Apache-2.0 WITH LLVM-exception"}) {
    EXPECT_TRUE(spdx_expression(text)) << text;
  }
  for (const char* text : {"", "custom", "MIT AND", "MIT Zlib", "(MIT", "MIT)", "AND", "mit", "()",
                           "BSD", "MIT WITH x", "MIT OR (", "GPL-2.0-only WITH"}) {
    EXPECT_FALSE(spdx_expression(text)) << text;
  }
  EXPECT_FALSE(spdx_expression(std::string(900, '(')));
}

}  // namespace
}  // namespace raykeep::sbom
