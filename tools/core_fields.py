#!/usr/bin/env python3
"""Writes the table of core/v1 field names that src/spec/core_fields.cc holds.

Usage: core_fields.py MODULE_CACHE > src/spec/core_fields.cc
MODULE_CACHE has k8s.io/api and k8s.io/apimachinery as `go mod download` leaves them.
"""
import re
import sys

VERSION = "v0.34.4"
ROOTS = ["PodTemplateSpec", "Service", "ResourceRequirements", "SecurityContext", "NetworkPolicyIngressRule",
         "NetworkPolicyEgressRule", "IngressTLS"]
SCALARS = {"string": "string", "int32": "int32", "int64": "int64", "int": "int64", "bool": "bool", "byte": "int32",
           "types.UID": "string", "metav1.Time": "string", "Time": "string", "intstr.IntOrString": "int_or_string",
           "resource.Quantity": "quantity"}
# Written by controllers, never by people: no need to know what is inside.
OPEN = {"ServiceStatus", "ManagedFieldsEntry", "OwnerReference"}
# The API server completes these, so a document may leave them out.
NOT_REQUIRED = {("PersistentVolumeClaimTemplate", "spec")}


def read(path):
    text = open(path, encoding="utf-8").read()
    named, structs, enums = {}, {}, {}
    for match in re.finditer(r"((?:^//[^\n]*\n)*)^type (\w+)\s+(struct \{\n(.*?)^\}|\S+)", text, re.M | re.S):
        comment, name, kind, body = match.group(1), match.group(2), match.group(3), match.group(4)
        if body is None and not kind.startswith("struct"):
            named[name] = kind
            if "+enum" in comment:
                enums[name] = []
            continue
        structs[name] = fields = []
        notes = ""
        for line in (body or "").splitlines():
            line = line.strip()
            field = re.match(r'(?:(\w+)\s+)?([\w.\[\]*]+)\s+`[^`]*json:"([^",]*)([^"]*)"', line)
            if line.startswith("//"):
                notes += line + "\n"
            elif field:
                go, kind, key, rest = field.groups()
                optional = "omitempty" in rest or "+optional" in notes or kind.startswith("*")
                fields.append((key, kind, not optional, "inline" in rest or not key))
                notes = ""
            else:
                notes = ""
    for name, kind, value in re.findall(r'^\s*(\w+)\s+(\w+)\s+= "([^"]*)"', text, re.M):
        if kind in enums:
            enums[kind].append(value)
    return named, structs, enums


def main():
    cache = sys.argv[1].rstrip("/")
    named, structs, enums = {}, {}, {}
    for path in (f"api@{VERSION}/core/v1/types.go", f"apimachinery@{VERSION}/pkg/apis/meta/v1/types.go",
                 f"api@{VERSION}/networking/v1/types.go"):
        for known, new in zip((named, structs, enums), read(f"{cache}/k8s.io/{path}")):
            for name, value in new.items():
                known.setdefault(name, value)

    wanted, done = list(ROOTS), {}

    def translate(kind):
        kind = kind.lstrip("*")
        if kind in SCALARS:
            return SCALARS[kind]
        if kind == "[]byte":
            return "string"
        if kind.startswith("[]"):
            return translate(kind[2:]) + "[]"
        if kind.startswith("map["):
            return translate(kind[kind.index("]") + 1:]) + "{}"
        kind = kind.split(".")[-1]
        if kind in OPEN:
            return "object"
        if enums.get(kind):
            done.setdefault(kind, "= " + "|".join(value or '""' for value in enums[kind]))
            return kind
        if kind in structs:
            wanted.append(kind)
            return kind
        return translate(named[kind])

    def fields_of(name):
        for key, kind, required, inline in structs[name]:
            if inline:
                yield from fields_of(kind.lstrip("*").split(".")[-1])
            else:
                required = required and (name, key) not in NOT_REQUIRED
                yield f"{key}{'!' if required else ''} {translate(kind)}"

    while wanted:
        name = wanted.pop(0)
        if name not in done:
            done[name] = None
            done[name] = list(fields_of(name))

    print(f"// Made by tools/core_fields.py from k8s.io/api {VERSION}; do not edit. What the pod template and the Service of a\n"
          "// RayCluster may contain, in the notation of shape.h.\n"
          '#include "spec/shape_tables.h"\n\nnamespace raykeep::spec {\n\n// clang-format off\n'
          'const char* const kCoreShapes = R"(')
    for name in sorted(done):
        if isinstance(done[name], str):
            print(f"{name} {done[name]}")
            continue
        print(name)
        line = " "
        for position, field in enumerate(done[name]):
            piece = field + ("," if position + 1 < len(done[name]) else "")
            if len(line) + len(piece) > 118:
                print(line)
                line = " "
            line += " " + piece
        if line.strip():
            print(line)
    print(')";\n// clang-format on\n\n}  // namespace raykeep::spec')


main()
