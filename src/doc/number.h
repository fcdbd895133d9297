// Decimal text of doubles the way Go writes it, because Kubernetes' JSON and YAML come from Go and
// users compare ours with theirs byte for byte.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace raykeep::doc {

/// As encoding/json writes a float64: shortest digits that read back to the same double, no
/// exponent between 1e-6 and 1e21: 0.1, 1000, 1e+21, 1e-7. Requires a finite value.
std::string json_number(double value);

/// As strconv.FormatFloat(value, 'g', -1, 32): what go-yaml makes of a float used as a map key.
/// Single precision; what does not fit it becomes ".inf".
std::string key_number(double value);

/// The nearest double to a decimal literal with optional sign, fraction and exponent ("+1.",
/// ".5e-3"). Nothing if the text is not of that form as a whole, or too large for a double.
std::optional<double> parse_decimal(std::string_view text);

}  // namespace raykeep::doc
