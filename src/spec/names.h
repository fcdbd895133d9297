// Kubernetes' rules for names, labels and the like, as k8s.io/apimachinery/pkg/util/validation has
// them. Each function says what is wrong, or nothing at all; the texts follow the name in a
// sentence:
// `"Ray_1" ` + "has characters other than a-z, 0-9 and -".
#pragma once

#include <string>
#include <string_view>

namespace raykeep::spec {

/// RFC 1123 label: at most 63 of a-z, 0-9, "-", beginning and ending with a letter or digit.
std::string wrong_with_dns_label(std::string_view text);

/// RFC 1035 label, for Services: as above, beginning with a letter.
std::string wrong_with_service_name(std::string_view text);

/// RFC 1123 subdomain: labels joined by dots, at most 253 in all (a label here may pass 63).
std::string wrong_with_dns_subdomain(std::string_view text);

/// [prefix/]name of a label or annotation.
std::string wrong_with_label_key(std::string_view text);
std::string wrong_with_label_value(std::string_view text);

/// A container's environment variable: printable ASCII but "=" (Kubernetes 1.34's relaxed rule).
std::string wrong_with_env_name(std::string_view text);

/// IANA service name: at most 15 of a-z, 0-9, "-", with a letter, no "-" at the ends, no "--".
std::string wrong_with_port_name(std::string_view text);

/// [registry[:port]/]path[:tag][@digest], as the distribution reference grammar has it.
std::string wrong_with_image(std::string_view text);

/// The nearest DNS label: "Small_Group" -> "small-group". Empty if nothing is left.
std::string as_dns_label(std::string_view text);

}  // namespace raykeep::spec
