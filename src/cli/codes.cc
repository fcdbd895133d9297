#include "cli/codes.h"

#include <fmt/format.h>

#include "doc/codes.h"
#include "plan/air_gap.h"
#include "plan/mesh_fit.h"
#include "plan/site_fit.h"
#include "preflight/obstacle.h"
#include "profile/profile.h"
#include "spec/codes.h"
#include "verify/result.h"

namespace raykeep::cli::codes {
namespace {

struct Meaning {
  std::string_view code;
  std::string_view text;
};

constexpr Meaning meanings[] = {
    {doc::code::unreadable_file, "the file cannot be opened or read. - reads standard input."},
    {doc::code::too_big,
     "the file is larger than a document may be. Large values belong into ConfigMaps of their "
     "own."},
    {doc::code::not_utf8, "the file is not UTF-8. Save it as UTF-8, without another encoding."},
    {doc::code::control_character,
     "a character that YAML forbids. Write it as an escape in double quotes."},
    {doc::code::syntax,
     "not YAML. The place is where the reader could not go on; the mistake may be a line "
     "before."},
    {doc::code::tab, "a tab where only spaces may indent."},
    {doc::code::duplicate_key,
     "the same key twice in one map. Kubernetes would take the last and drop the others "
     "without a word."},
    {doc::code::unusable_key,
     "a key that is null, a list or a map. JSON, and so Kubernetes, has only text as key."},
    {doc::code::too_deep, "maps and lists nested deeper than any Kubernetes document is."},
    {doc::code::too_many_values, "more values than a document may hold."},
    {doc::code::alias_bomb,
     "aliases that contain themselves or grow beyond the limit when they are written out."},
    {doc::code::unknown_alias, "*name without an &name before it."},
    {doc::code::unknown_tag, "a tag (!...) that has no meaning in Kubernetes."},
    {doc::code::wrong_for_tag, "a value that is not what its tag says, for instance !!int abc."},
    {doc::code::not_finite, ".nan and .inf: JSON, and so Kubernetes, has neither."},
    {doc::code::bad_merge,
     "<< with something that is no map, or after a key that it would change."},
    {doc::code::too_many_documents, "more documents in one file than the limit. Split the file."},
    {doc::code::too_many_directives, "% lines without end: the file is not what it seems."},
    {doc::code::too_many_findings,
     "the file has more findings than are worth showing; mend these and check again."},
    {plan::no_namespace,
     "no namespace. Neither the document nor the command line names one: write "
     "metadata.namespace or pass --namespace."},
    {plan::no_certificate,
     "native TLS without the agent. It is the agent that gets a node's certificate from the "
     "controller, before it starts Ray."},
    {plan::own_tls,
     "TLS of the document's own. The Site's tls.mode: native sets Ray's variables for it, with a "
     "certificate for each node."},
    {plan::plain_haproxy,
     "With RAY_SERVE_ENABLE_HA_PROXY HAProxy passes requests from node to node as plain HTTP. "
     "Ray's own TLS, tls.mode: native, covers its gRPC and not that; a mesh covers both."},
    {plan::random_ports,
     "With RAY_SERVE_USE_GRPC_BY_DEFAULT, or RAY_SERVE_THROUGHPUT_OPTIMIZED without it, Serve's "
     "deployments call each other on ports that each replica takes at random. Policies exact to "
     "the port cannot let them through."},
    {plan::image_by_tag,
     "an image by tag on an air-gapped Site. A tag may be moved to another image; a digest is the "
     "image that was looked at. raykeep bundle push writes images.lock with the digests."},
    {plan::images_outside,
     "an air-gapped Site without a registry. Its nodes would ask the registries of the internet."},
    {plan::always_pulled,
     "imagePullPolicy: Always on an air-gapped Site. With a digest it changes nothing but that no "
     "pod starts while the registry is away."},
    {plan::no_token,
     "no authentication. Whoever reaches a port of this Ray runs code in it. Ray 2.52 and "
     "newer ask for a token."},
    {plan::document_too_big,
     "the document does not fit into the ConfigMap that stores it (1 MiB). Move large values "
     "into ConfigMaps of their own."},
    {plan::many_ports,
     "many ports. Without endPort each worker port is a line of each policy. Narrow "
     "min-worker-port and max-worker-port, or set networkPolicy.endPort if the enforcer knows "
     "ranges."},
    {plan::no_redis,
     "no Redis. The head is to keep its state in one, and neither document nor Site names it. "
     "redis: {managed: {}} in the Site lets Raykeep run one."},
    {plan::memory_only,
     "the state stays in memory. ft-enabled alone gives no Redis, in KubeRay neither: after a "
     "head crash everything begins anew."},
    {plan::unknown_redis,
     "a Redis that the policy cannot let the head reach: its address does not say which pods "
     "or networks stand behind it. Name them in the Site: redis.peers, or an egress entry."},
    {plan::any_pod_is_redis,
     "a wide policy. The head may reach every pod of the namespace of its Redis on that port, "
     "because nothing says which pods these are. Name them in redis.peers."},
    {plan::port_of_road,
     "a port that the agent needs itself, on the loopback, for Redis. Choose another."},
    {plan::name_too_long,
     "the name leaves no room for the labels of the cluster's own Redis. Shorten it."},
    {plan::no_registry,
     "an image without a registry. The nodes must have Raykeep's image already, or the Site "
     "must name it or a registry."},
    {plan::no_fence,
     "Redis without the agent. Ray then ends when Redis is away for two seconds, and nothing "
     "keeps a lost head from writing beside a new one. The agent needs a start command "
     "without --block."},
    {no_kind,
     "no kind. Kubernetes' documents say with apiVersion and kind what they are; this one does "
     "not."},
    {kind_to_come, "a kind of ray.io that Raykeep does not run yet. It runs RayCluster."},
    {foreign_kind, "passed by. The document is not Ray's; Raykeep neither needs nor applies it."},
    {site_among_documents,
     "a Site given with -f. A Site describes the place, not the workload; it is given with "
     "--site."},
    {not_one_site,
     "not one Site. The file given with --site must hold exactly one document, of kind Site."},
    {nothing_to_run, "nothing to run. None of the files holds a document of ray.io."},
    {double_name,
     "a name twice. Two clusters of one name in one namespace would write over each other's "
     "objects."},
    {lock_without_site,
     "images.lock without a Site. Its digests become part of the Site, which is stored with the "
     "cluster."},
};

}  // namespace

std::string explain(std::string_view code) {
  for (const Meaning& meaning : meanings) {
    if (meaning.code == code) return std::string(meaning.text);
  }
  for (const plan::MeshCode& each : plan::mesh_codes()) {
    if (each.code == code) return std::string(each.meaning);
  }
  for (const preflight::Meaning& meaning : preflight::meanings()) {
    if (meaning.code == code) return std::string(meaning.text);
  }
  for (const profile::ProfileInfo& each : profile::kProfiles) {
    if (each.code == code)
      return fmt::format(
          "a rule of the profile {} would refuse an object of the plan. The profile is {}. The "
          "finding names the rule as its engine does.",
          each.name, each.origin);
  }
  if (const spec::CodeInfo* info = spec::find_code(code))
    return fmt::format("{} ({}). {}", info->title, to_string(info->severity), info->meaning);
  for (const verify::CodeInfo& info : verify::code_infos) {
    if (info.code == code) return std::string(info.meaning);
  }
  return "";
}

}  // namespace raykeep::cli::codes
