// The sets of rules that a site may impose on what runs in its namespaces: Pod Security's two
// levels, and what Kyverno's and Gatekeeper's own libraries, the NSA/CISA guide and OpenShift ask
// for. Each is known here by the name that stands in a Site and on the command line.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace raykeep::profile {

enum class Profile {
  pss_baseline,
  pss_restricted,
  kyverno,
  gatekeeper,
  nsa_cisa,
  openshift_restricted_v2,
};

struct ProfileInfo {
  Profile profile;
  std::string_view name;  // "pss-baseline"
  std::string_view code;  // of its findings: "RK5101"
  std::string_view origin;
};

/// In their order; the codes are stable for ever.
inline constexpr std::array kProfiles = {
    ProfileInfo{Profile::pss_baseline, "pss-baseline", "RK5101",
                "the Pod Security Standards, level baseline, as of Kubernetes 1.34"},
    ProfileInfo{Profile::pss_restricted, "pss-restricted", "RK5102",
                "the Pod Security Standards, level restricted, as of Kubernetes 1.34"},
    ProfileInfo{Profile::kyverno, "kyverno", "RK5103",
                "Kyverno's policy library: pod security (baseline and restricted) and best "
                "practices"},
    ProfileInfo{Profile::gatekeeper, "gatekeeper", "RK5104",
                "Gatekeeper's policy library: general and pod security policies"},
    ProfileInfo{Profile::nsa_cisa, "nsa-cisa", "RK5105",
                "the NSA/CISA Kubernetes hardening guide 1.2, as Google's policy bundle checks it"},
    ProfileInfo{Profile::openshift_restricted_v2, "openshift-restricted-v2", "RK5106",
                "OpenShift's security context constraint restricted-v2"},
};

const ProfileInfo& info(Profile profile);

/// Nothing for a name that is none.
std::optional<Profile> find_profile(std::string_view name);

/// "pss-baseline, pss-restricted, ..."
std::string profile_names();

}  // namespace raykeep::profile
