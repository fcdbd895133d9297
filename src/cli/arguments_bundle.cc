// raykeep bundle's command line.
#include "cli/arguments_parts.h"

namespace raykeep::cli {
namespace {

void add_registry(CLI::App& app, BundleArguments& bundle) {
  app.add_option("--authfile", bundle.authfile,
                 "Logins at registries [$REGISTRY_AUTH_FILE, podman's or docker's own]")
      ->type_name("FILE");
  app.add_option("--registry-ca", bundle.registry_ca,
                 "Authorities whose registries are believed [the system's]")
      ->type_name("FILE");
  app.add_option("--client-certificate", bundle.client_certificate,
                 "For registries that want to see one")
      ->type_name("FILE");
  app.add_option("--client-key", bundle.client_key, "Its key")->type_name("FILE");
  app.add_flag("--plain-http", bundle.plain_http, "Registries without TLS");
  app.add_option("--jobs", bundle.jobs, "Blobs at a time [8]")
      ->type_name("N")
      ->check(CLI::Range(1, 64));
}

}  // namespace

const std::vector<std::string>& bundle_actions() {
  static const std::vector<std::string> actions = {"create", "diff", "extract", "keygen",
                                                   "list",   "push", "verify"};
  return actions;
}

void add_bundle(CLI::App& root, BundleArguments& bundle) {
  CLI::App& app = *root.add_subcommand(
      "bundle", "Carry images into a place with no way out: one signed file, verified and pushed");
  app.add_option(
         "ACTION", bundle.action,
         "create FILE: pack the images of documents; verify FILE; list FILE; push FILE: into "
         "the Site's registry; diff OLD NEW: what changed; extract FILE: documents and files; "
         "keygen: cosign.key and cosign.pub")
      ->required()
      ->check(CLI::IsMember(bundle_actions()));
  app.add_option("PATH", bundle.paths, "The bundle, or the first of its parts")->type_name("FILE");
  add_files(app, bundle.input, "-f,--filename");
  auto list = [&app](const char* name, std::vector<std::string>& into, const char* what,
                     const char* type) {
    app.add_option(name, into, what)->type_name(type)->allow_extra_args(false);
  };
  list("--image", bundle.images, "create: one more image; may be repeated", "IMAGE");
  list(
      "--from", bundle.archives,
      "create: images in an archive (docker save, skopeo, ctr export); NAME=FILE names one; may be "
      "repeated",
      "FILE");
  list("--file", bundle.files, "create: a file to carry along (wheels, models); may be repeated",
       "FILE");
  list("--platform", bundle.platforms,
       "create: os/architecture, or all; may be repeated [this machine's]", "PLATFORM");
  app.add_option("--base", bundle.base, "create: leave out what this older bundle has")
      ->type_name("FILE");
  app.add_option("--base-registry", bundle.base_registry,
                 "create: leave out what this registry has, as in registry.bank.example/mirror")
      ->type_name("PREFIX");
  app.add_option("--key", bundle.key,
                 "create, diff: the private key that signs (its password in $COSIGN_PASSWORD); "
                 "otherwise the public key that must have signed")
      ->type_name("FILE");
  app.add_flag("--unsigned,--allow-unsigned", bundle.unsigned_too,
               "Without a signature, which proves nothing of who made it");
  app.add_flag(
      "--pull-raykeep", bundle.pull_raykeep,
      "create: take Raykeep's image from its registry, and do not make it of this program");
  app.add_flag("--program,!--no-program", bundle.program,
               "create: carry this program along [true]");
  app.add_flag("--sbom,!--no-sbom", bundle.bills,
               "create: bills of materials of all images, SPDX and CycloneDX [true]");
  app.add_option("--split", bundle.split, "create: parts of at most so many bytes, as in 4.7G")
      ->type_name("SIZE");
  app.add_option(
         "--to", bundle.output_file,
         "diff: write what NEW adds, as a bundle; extract: the folder [.]; keygen: likewise")
      ->type_name("PATH");
  app.add_option("--registry", bundle.registry,
                 "push: where to, as in registry.bank.example/mirror [the Site's images.registry]")
      ->type_name("PREFIX");
  app.add_option("--write-lock", bundle.images_lock,
                 "push: the digests, for --images-lock [images.lock]")
      ->type_name("FILE");
  app.add_option("--chunk-size", bundle.chunk,
                 "push: pieces of so many bytes, for a proxy that takes no large bodies")
      ->type_name("SIZE");
  add_registry(app, bundle);
  add_output(app, bundle.output, {Output::text, Output::json});
}

}  // namespace raykeep::cli
