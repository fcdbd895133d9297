// The codes of spec's findings. A code names one kind of mistake for ever: people put it into
// tickets and CI filters, so a retired code is never given to something else. RK20xx-RK24xx speak
// of a RayCluster, RK30xx of a Site. docs/findings.md and `raykeep check --explain` are made from
// this table.
#pragma once

#include <algorithm>
#include <span>
#include <string_view>

#include "base/finding.h"

namespace raykeep::spec {

struct CodeInfo {
  std::string_view code;
  Severity severity;
  std::string_view title;
  std::string_view meaning;
};

namespace severity {
inline constexpr Severity E = Severity::error;
inline constexpr Severity W = Severity::warning;
inline constexpr Severity N = Severity::notice;
}  // namespace severity

// clang-format off
inline constexpr CodeInfo kCodes[] = {
    // The document's form.
    {"RK2000", severity::E, "too many findings", "The document has more findings than are worth showing; mend these and check again."},
    {"RK2001", severity::E, "unknown field", "KubeRay has no such field; its API server would drop it without a word."},
    {"RK2002", severity::E, "wrong type", "The field takes another kind of value, for instance text where a number stands."},
    {"RK2003", severity::E, "required field missing", "The object cannot be used without this field."},
    {"RK2004", severity::E, "value not allowed", "The field takes only certain words."},
    {"RK2005", severity::E, "number out of range", "The number does not fit what the field counts."},
    {"RK2006", severity::E, "not a RayCluster", "apiVersion and kind must be ray.io/v1 and RayCluster."},
    {"RK2007", severity::E, "not a quantity", "Kubernetes cannot read this amount of a resource."},
    {"RK2008", severity::N, "ray.io/v1alpha1", "The old API version is read like ray.io/v1."},
    // Names and labels.
    {"RK2020", severity::E, "cluster name", "The name must be a DNS label that starts with a letter: Services are named after it."},
    {"RK2021", severity::E, "cluster name too long", "Labels that Kubernetes derives from the name would pass their limit of 63 characters."},
    {"RK2022", severity::E, "namespace", "A namespace is a DNS label."},
    {"RK2023", severity::E, "label", "Kubernetes refuses the label's key or value."},
    {"RK2024", severity::E, "annotation", "Kubernetes refuses the annotation's key."},
    {"RK2025", severity::E, "group name", "Objects are named after the group, so its name must be a DNS label."},
    {"RK2026", severity::E, "group name twice", "Two groups of one name would own the same objects."},
    {"RK2027", severity::W, "annotation value not understood", "An annotation that switches something is neither true nor false, and counts as false."},
    {"RK2028", severity::E, "reserved group name", "headgroup is what the head's own group is called."},
    // Groups.
    {"RK2040", severity::E, "more minimum than maximum", "minReplicas is greater than maxReplicas."},
    {"RK2041", severity::W, "replicas outside the bounds", "As in KubeRay, replicas is raised to minReplicas or cut to maxReplicas."},
    {"RK2042", severity::E, "resources said twice", "The group's resources and rayStartParams both speak of Ray's logical resources."},
    {"RK2043", severity::E, "labels in rayStartParams", "Node labels belong into the group's labels."},
    {"RK2044", severity::E, "serviceType ExternalName", "The head's Service must select pods."},
    {"RK2045", severity::E, "Ray resource", "A logical resource of Ray is not a number that Ray takes."},
    {"RK2046", severity::E, "head Service", "The head's Service cannot be made from what headService says."},
    {"RK2047", severity::E, "too many groups", "A cluster has at most 200 worker groups: policies and flows are made for each pair of them."},
    // Ray's version and authentication.
    {"RK2060", severity::W, "no Ray version", "Without rayVersion Raykeep takes the oldest behaviour: no token, old health checks."},
    {"RK2061", severity::W, "Ray version not understood", "rayVersion is not three numbers, and is treated as absent."},
    {"RK2062", severity::E, "Ray too old", "Raykeep runs Ray 2.41 and newer."},
    {"RK2063", severity::E, "token needs a newer Ray", "Ray knows token authentication from 2.52 on."},
    {"RK2064", severity::E, "Kubernetes token authentication", "Ray would ask TokenReview, which needs a ClusterRole that a namespace does not have."},
    {"RK2065", severity::W, "image and rayVersion differ", "The image's tag names another Ray than rayVersion."},
    {"RK2067", severity::E, "Secret name", "A Secret's name is a DNS subdomain."},
    // rayStartParams.
    {"RK2100", severity::W, "unknown option", "`ray start` has no such option and would not start."},
    {"RK2101", severity::E, "not a port", "A port is a number from 1 to 65535, written as text."},
    {"RK2102", severity::E, "random port", "Port 0 lets Ray choose, and a network policy cannot name a port chosen later."},
    {"RK2103", severity::E, "not a number", "The option takes a whole number, written as text."},
    {"RK2104", severity::E, "port taken twice", "Two of Ray's servers in one pod would listen on the same port."},
    {"RK2105", severity::E, "port among the worker ports", "A worker process may take the port before the server does."},
    {"RK2106", severity::E, "worker port range", "min-worker-port and max-worker-port do not make a range."},
    {"RK2107", severity::W, "few worker ports", "Every worker process and driver needs a port of its own."},
    {"RK2108", severity::E, "resources not understood", "The resources option is a JSON object of numbers."},
    {"RK2109", severity::E, "option not for this node", "The option is for the head only, or Raykeep must set it itself."},
    {"RK2110", severity::E, "object store too large", "The object store does not fit into the container's memory."},
    {"RK2111", severity::E, "object store too small", "Ray does not start with less than 75 MiB of object store."},
    {"RK2112", severity::E, "secret in a command line", "The option would show a password to everyone who may list processes."},
    {"RK2113", severity::E, "true or false", "The option is switched by \"true\" or \"false\"."},
    {"RK2114", severity::W, "memory beyond the limit", "Ray would hand out more memory than the container may use."},
    {"RK2115", severity::E, "system-config", "The system-config option is a JSON object."},
    {"RK2116", severity::E, "worker-port-list", "Policies open one range of worker ports."},
    // Pod templates.
    {"RK2200", severity::E, "no container", "The first container of the template is Ray's."},
    {"RK2201", severity::E, "container name", "A container's name is a DNS label."},
    {"RK2202", severity::E, "name twice", "Two containers, volumes, variables or ports of the pod have the same name."},
    {"RK2203", severity::E, "no image", "A container needs an image."},
    {"RK2204", severity::E, "image", "The image's name cannot be read."},
    {"RK2205", severity::E, "request above limit", "A container cannot ask for more than it may use."},
    {"RK2206", severity::E, "negative amount", "An amount of a resource is not below zero."},
    {"RK2207", severity::W, "no limits", "Without a memory limit and a CPU amount Ray cannot know the size of its node."},
    {"RK2208", severity::E, "container port", "A port is a number from 1 to 65535."},
    {"RK2209", severity::E, "port twice", "Two ports of the container are the same."},
    {"RK2210", severity::E, "port name", "A port's name has at most 15 lower-case letters, digits and hyphens, and a letter among them."},
    {"RK2211", severity::E, "variable name", "Kubernetes refuses the name of the environment variable."},
    {"RK2212", severity::E, "value and valueFrom", "A variable has a value or a source, not both, and a source is exactly one."},
    {"RK2213", severity::E, "volume missing", "The mount names a volume that the pod does not have."},
    {"RK2214", severity::E, "mounted twice", "Two volumes are mounted at the same path."},
    {"RK2215", severity::E, "mount path", "A mount path is absolute and has no colon."},
    {"RK2216", severity::E, "volume name", "A volume's name is a DNS label."},
    {"RK2217", severity::E, "volume source", "A volume has exactly one source."},
    {"RK2218", severity::W, "restart policy", "Raykeep's pods belong to a StatefulSet or Deployment, where the policy is always Always."},
    {"RK2219", severity::E, "probe", "A probe asks in exactly one way."},
    {"RK2220", severity::E, "extended resource", "Devices come whole, and request and limit are equal."},
    {"RK2221", severity::W, "variable set twice", "The last one wins."},
    {"RK2222", severity::E, "ephemeral containers", "A pod template cannot have ephemeral containers."},
    {"RK2223", severity::E, "resource name", "Kubernetes refuses the name of the resource."},
    {"RK2224", severity::E, "name that Raykeep needs", "Raykeep's own volumes and containers are called raykeep and raykeep-agent."},
    {"RK2225", severity::W, "Ray without the agent", "The command does not end once Ray runs, or stands in the image: nothing restarts a dead GCS in place, and the kubelet asks Ray's own health checks."},
    {"RK2226", severity::E, "ports of a command's own", "Where the document starts Ray itself, Ray must get the ports that the policies open: without the options it takes random ones."},
    {"RK2227", severity::E, "deadline of a pod", "The pods of a StatefulSet or Deployment have no deadline."},
    {"RK2228", severity::N, "hook that stops Ray", "A preStop hook with ray stop would end the raylet before the agent can drain it; it is left out."},
    // The restricted Pod Security standard.
    {"RK2250", severity::E, "host namespace", "The namespace's Pod Security standard forbids the node's network, processes and IPC."},
    {"RK2251", severity::E, "privileged", "The standard forbids privileged containers."},
    {"RK2252", severity::E, "privilege escalation", "The standard wants allowPrivilegeEscalation: false."},
    {"RK2253", severity::E, "capabilities", "The standard lets containers add no capability but NET_BIND_SERVICE."},
    {"RK2254", severity::E, "root user", "The standard forbids user 0 and runAsNonRoot: false."},
    {"RK2255", severity::E, "volume type", "The standard forbids volumes of the node and in-tree network volumes."},
    {"RK2256", severity::E, "host port", "The standard forbids ports of the node."},
    {"RK2257", severity::E, "unconfined", "The standard wants seccomp and AppArmor profiles that confine."},
    {"RK2258", severity::E, "SELinux", "The standard forbids setting SELinux user, role and most types."},
    {"RK2259", severity::E, "sysctl", "The standard allows safe sysctls only."},
    {"RK2260", severity::E, "procMount", "The standard wants procMount: Default."},
    {"RK2261", severity::E, "probe of another host", "The standard forbids probes and hooks that name a host."},
    {"RK2262", severity::E, "Windows", "Raykeep runs on Linux, and the standard forbids host processes."},
    // GCS fault tolerance, as KubeRay validates it.
    {"RK2300", severity::E, "fault tolerance said twice", "gcsFaultToleranceOptions and the older ways to say the same exclude each other."},
    {"RK2301", severity::E, "Redis without fault tolerance", "RAY_REDIS_ADDRESS turns fault tolerance on behind KubeRay's back."},
    {"RK2302", severity::E, "backend and storage", "An option of the other backend is set."},
    {"RK2303", severity::E, "claim and size", "A claim that exists has its own size, class and modes."},
    {"RK2304", severity::E, "Redis address", "The address of the Redis is written out as host:port: policies and the agent must know it."},
    {"RK2305", severity::W, "password in the document", "The password is moved into a Secret and stored nowhere else, but whoever reads the document's file reads it."},
    {"RK2306", severity::E, "Redis credentials", "User and password come from a value, a Secret or a ConfigMap, and a user has a password."},
    {"RK2307", severity::E, "RocksDB needs a newer Ray", "Ray keeps the GCS' state in RocksDB from 2.57 on, and rayVersion must say so."},
    {"RK2308", severity::E, "RocksDB and the document's own volume", "Raykeep mounts the volume gcs-storage at /data/gcs and tells Ray so, as KubeRay does."},
    {"RK2309", severity::E, "storage namespace", "Ray's keys begin with the storage namespace, which has no @, white space or pattern characters."},
    {"RK2310", severity::E, "access modes", "The head writes to the volume, so ReadOnlyMany is no use."},
    {"RK2311", severity::W, "volume that several nodes may write", "Only a volume that attaches to one node keeps a lost head from writing beside its successor."},
    {"RK2312", severity::N, "Redis secret leaves the environment", "The agent reads the user and the password from files, so Ray's container no longer has the variable."},
    {"RK2313", severity::W, "clean-up deadline", "ray.io/gcs-ft-deletion-timeout is a whole number of seconds; KubeRay takes 300 for everything else, and so does Raykeep."},
    // KubeRay's other rules.
    {"RK2320", severity::E, "autoscaler options", "KubeRay refuses this combination of autoscaler settings."},
    {"RK2321", severity::E, "network policy rules", "The rules contradict the mode or name a group that does not exist."},
    {"RK2322", severity::E, "history server", "KubeRay refuses the collector's options."},
    {"RK2323", severity::E, "created by another object", "Only a standalone RayCluster may say this."},
    // Not acted on yet.
    {"RK2400", severity::W, "autoscaling not acted on yet", "Every group runs at its replicas."},
    // RK2401, "fault tolerance not acted on yet", is retired.
    {"RK2402", severity::E, "multi-host groups not possible yet", "numOfHosts above 1 cannot be honoured."},
    {"RK2403", severity::W, "ingress not acted on yet", "No Ingress or Route is made."},
    {"RK2404", severity::W, "history server not acted on yet", "No collector runs beside Ray."},
    {"RK2405", severity::N, "network policy is Raykeep's", "Raykeep makes its own policies, exact to the port."},
    {"RK2406", severity::W, "TLS not acted on yet", "Ray's traffic is not encrypted by tlsOptions."},
    {"RK2407", severity::N, "upgrade strategy not acted on yet", "A changed template rolls as StatefulSets and Deployments do."},
    {"RK2408", severity::W, "managedBy not acted on yet", "Raykeep runs the cluster whoever is named."},
    {"RK2409", severity::N, "autoscaler field not acted on yet", "Only an autoscaler would read the field."},
    {"RK2410", severity::W, "workersToDelete not acted on yet", "Which worker goes is the Deployment's choice."},
    {"RK2411", severity::N, "scheduler hint not acted on yet", "Labels of the document for a gang scheduler stay on the document, and no objects of the scheduler's are made."},
    {"RK2412", severity::N, "metadata not acted on", "Finalizers and owner references of the document are not kept."},
    {"RK2500", severity::W, "loaded from outside", "The runtime environment loads packages or code when a job or an application starts, and the Site is air-gapped: put them into the image, or give a folder of it."},
    // Serve's configuration.
    {"RK2600", severity::E, "no Serve configuration", "serveConfigV2 is a text that holds a YAML map: Ray Serve's own configuration."},
    {"RK2601", severity::W, "unknown field of Serve", "Ray 2.60 knows no such field and passes over it without a word."},
    {"RK2602", severity::E, "wrong type in Serve's configuration", "Ray refuses the configuration when the cluster is there."},
    {"RK2603", severity::E, "missing in Serve's configuration", "Ray refuses the configuration without it."},
    {"RK2604", severity::E, "word that Serve does not know", "Only some words are possible here."},
    {"RK2605", severity::E, "out of range for Serve", "Ray refuses the number."},
    {"RK2610", severity::E, "name twice in Serve's configuration", "Applications have names of their own, and the deployments of an application, too; an application without one is called default."},
    {"RK2611", severity::E, "route", "A route begins with /, does not end with it, has no braces, and belongs to one application."},
    {"RK2612", severity::E, "import path", "An application is named as Python imports it: module.submodule:application."},
    {"RK2613", severity::E, "number of replicas", "A fixed number and autoscaling exclude each other, and min_replicas <= initial_replicas <= max_replicas."},
    {"RK2614", severity::E, "folder that is no URI", "Serve loads code on every node: local:///folder of the image, or a URI."},
    {"RK2615", severity::E, "options that exclude each other", "Ray refuses them together."},
    {"RK2616", severity::W, "proxy on loopback", "The Service cannot reach a proxy that listens on loopback."},
    {"RK2617", severity::W, "nothing to serve", "There is no application."},
    {"RK2650", severity::E, "name of a RayService", "Each of its clusters is named after it, with a dash and five characters more."},
    {"RK2651", severity::E, "time to become healthy", "ray.io/initializing-timeout is a span of time such as 10m, or whole seconds, above 0."},
    {"RK2652", severity::E, "steps of an upgrade", "maxSurgePercent is between 1 and 100, intervalSeconds above 0."},
    {"RK2653", severity::E, "name of the head's Service", "Two clusters of one RayService would fight over it."},
    {"RK2654", severity::N, "field of RayService not acted on", "Nobody reads the field, or only a Gateway would."},
    {"RK2655", severity::E, "state that two clusters would share", "While one cluster takes the place of another both run: each needs a state of its own."},
    {"RK2656", severity::E, "port of Serve", "The Service, the policies and the probes go to the ports that the head's container calls serve (8000 if none is) and serve-grpc."},
    {"RK2657", severity::W, "nothing to serve", "A RayService without serveConfigV2 makes a cluster, and no application."},
    // Site: the document's form.
    {"RK3000", severity::E, "too many findings", "The Site has more findings than are worth showing; mend these and check again."},
    {"RK3001", severity::E, "unknown field", "A Site has no such field."},
    {"RK3002", severity::E, "wrong type", "The field takes another kind of value."},
    {"RK3003", severity::E, "required field missing", "The entry cannot be used without this field."},
    {"RK3004", severity::E, "value not allowed", "The field takes only certain words."},
    {"RK3005", severity::E, "number out of range", "The number does not fit what the field counts."},
    {"RK3006", severity::E, "not a Site", "apiVersion and kind must be raykeep.io/v1 and Site."},
    {"RK3007", severity::E, "not a quantity", "Kubernetes cannot read this amount of a resource."},
    // Site: peers and ports.
    {"RK3010", severity::E, "peer without form", "A peer is pods (namespace, namespaceLabels, podLabels), addresses (cidr) or, in egress, a DNS name (fqdn), exactly one of the three."},
    {"RK3011", severity::E, "namespace said twice", "namespace is short for namespaceLabels; write one of them."},
    {"RK3012", severity::E, "not a CIDR", "Addresses are written as 10.1.0.0/16 or fd00::/8."},
    {"RK3013", severity::E, "exception outside", "An exception lies inside the peer's addresses."},
    {"RK3014", severity::E, "label", "Kubernetes refuses the label's key or value."},
    {"RK3015", severity::E, "port", "A port is a number from 1 to 65535, a range \"9000-9010\", or {port, endPort, protocol}."},
    {"RK3016", severity::W, "the whole internet", "The entry opens the way to every address."},
    {"RK3017", severity::W, "host bits", "The address has bits beyond the prefix; Kubernetes ignores them."},
    {"RK3018", severity::E, "empty list", "Kubernetes reads an empty list as everything; name at least one."},
    {"RK3019", severity::W, "every namespace", "The entry admits pods of every namespace."},
    {"RK3020", severity::E, "name twice", "Two entries of one list have the same name."},
    {"RK3021", severity::E, "annotation", "Kubernetes refuses the annotation's key."},
    {"RK3022", severity::W, "reserved label", "Raykeep sets this label itself; the Site's value is not used."},
    {"RK3023", severity::E, "DNS name of a peer", "Egress entries alone may name a peer by its DNS name, written as s3.bank.example or *.bank.example."},
    {"RK3024", severity::E, "name without dialect", "A NetworkPolicy knows no DNS names; with networkPolicy.enforcer: cilium the rule goes into the administrator's file, elsewhere write addresses or an egress proxy."},
    // Site: the rest.
    {"RK3030", severity::E, "root user", "The restricted Pod Security standard forbids user 0."},
    {"RK3031", severity::W, "fixed user on OpenShift", "OpenShift gives every namespace its own range of users and refuses others."},
    {"RK3032", severity::E, "registry", "A registry is host[:port][/path], with no scheme and no trailing slash."},
    {"RK3033", severity::E, "name", "Kubernetes refuses the name."},
    {"RK3034", severity::E, "cluster domain", "A cluster domain is a DNS name such as cluster.local."},
    {"RK3035", severity::E, "path", "The home directory is an absolute path."},
    {"RK3036", severity::E, "image", "The image's name cannot be read."},
    {"RK3037", severity::E, "digest", "A digest is sha256: and 64 of 0-9 and a-f."},
    {"RK3038", severity::E, "two digests", "One image has one digest: two names in images.digests mean the same image."},
    {"RK3040", severity::W, "encryption not decided", "tls.mode is not written; a Site says none only on purpose."},
    {"RK3041", severity::E, "mesh without mode", "What tls says of a mesh goes with tls.mode: mesh."},
    {"RK3042", severity::E, "native without mode", "Nodes have certificates, and HTTP is behind the agent's TLS, with tls.mode: native only."},
    {"RK3046", severity::E, "mesh not named", "tls.mode is mesh, and tls.mesh says which one it is: each is joined in a way of its own."},
    {"RK3047", severity::E, "setting of another mesh", "revision is of Istio's sidecars, nativeSidecar of meshes with a proxy in the pod, inMesh of a Site with a mesh."},
    // Site: Redis.
    {"RK3050", severity::E, "form of the Redis", "A Redis is servers that somebody else runs (addresses or sentinel), or one that Raykeep runs (managed)."},
    {"RK3051", severity::E, "Redis address", "A server is written as host:port."},
    {"RK3052", severity::E, "user without password", "A Redis user logs in with a password or a client certificate."},
    {"RK3053", severity::W, "Redis without encryption", "The password and the cluster's state cross the network in clear; a Site says so only on purpose."},
    {"RK3054", severity::E, "span of time", "A span of time is written as in 60s, within its bounds."},
    // How policies are enforced.
    {"RK3060", severity::E, "API server", "apiServer names addresses, or says that the administrator opens the way, which only Cilium and Calico can say without an address."},
    {"RK3061", severity::N, "addresses of the API server under Cilium", "Cilium knows nodes by what they are, not by their addresses: an ipBlock opens no way to an API server on a node of the cluster."},
    {"RK3062", severity::E, "worker ports", "An extra port between workers has a name that Kubernetes takes for a port and that no flow of Ray's has."},
    {"RK3063", severity::W, "port lists on EKS", "The VPC CNI takes at most 24 ports of a protocol for each peer; without endPort the worker ports alone are more."},
    // images.lock.
    {"RK3070", severity::E, "not an ImagesLock", "--images-lock takes the file that raykeep bundle push wrote."},
    {"RK3071", severity::E, "entry of images.lock", "An entry has an image's name with its tag, and its digest."},
    {"RK3072", severity::E, "empty images.lock", "It names no image."},
    {"RK3073", severity::E, "lock and Site disagree", "The Site's images.digests and images.lock have different digests for one image."},
    {"RK3080", severity::E, "route to a RayService", "ingressClassName and tlsSecret go with an Ingress, gateway with an HTTPRoute, which needs one; a path begins with /."},
};
// clang-format on

constexpr const CodeInfo* find_code(std::string_view code) {
  for (const CodeInfo& info : kCodes) {
    if (info.code == code) return &info;
  }
  return nullptr;
}

/// A code of the table above. Written as a literal; one that is not in the table does not compile.
class Code {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): report("RK2001", ...) is meant to read like that.
  consteval Code(const char* text) : info_(find_code(text)) {
    if (!info_) throw "this code is not in codes.h";
  }
  const CodeInfo& info() const { return *info_; }

 private:
  const CodeInfo* info_;
};

}  // namespace raykeep::spec
