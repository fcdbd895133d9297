// Kubernetes' resource.Quantity: "500m", "2", "1.5Gi", "1e3". Exact decimal arithmetic, no doubles.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace raykeep::spec {

/// A non-lossy amount with a resolution of one nano, as Kubernetes keeps it (smaller parts are
/// rounded up).
class Quantity {
 public:
  Quantity() = default;
  static Quantity from_milli(std::int64_t milli);

  /// The smallest integer not below the amount (Kubernetes' Value()): 500m -> 1. Saturates at
  /// int64. Kubernetes rounds negative amounts away from zero; it accepts none where it counts
  /// resources, so here -500m is simply 0.
  std::int64_t ceil() const;
  /// In thousandths, rounded up (MilliValue()). Saturates.
  std::int64_t milli() const;
  bool is_negative() const { return nano_ < 0; }
  bool is_zero() const { return nano_ == 0; }

  Quantity operator+(const Quantity& other) const;
  Quantity operator*(std::int64_t factor) const;
  auto operator<=>(const Quantity&) const = default;

 private:
  friend Result<Quantity> parse_quantity(std::string_view text);
  __int128 nano_ = 0;
};

/// Parses Kubernetes' quantity syntax: sign, decimal number, suffix (n u m "" k M G T P E Ki Mi Gi
/// Ti Pi Ei, or e/E with an exponent). Exact: 0.1 is one tenth. What is smaller than a nano is
/// rounded away from zero, as there. Refuses what Kubernetes refuses; and two things that it takes:
/// a text without any digit ("Gi", "-"), which it reads as zero, and a whole part beyond int64,
/// which it cuts off at int64 for Ki..Ei and computes with otherwise. Source: k8s.io/apimachinery
/// v0.37.2 pkg/api/resource/quantity.go and suffix.go.
Result<Quantity> parse_quantity(std::string_view text);

}  // namespace raykeep::spec
