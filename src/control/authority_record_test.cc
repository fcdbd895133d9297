#include "control/authority_record.h"

#include <gtest/gtest.h>

#include "doc/base64.h"

namespace raykeep::control {
namespace {

using namespace std::chrono_literals;

const WallTime kNow = *parse_time("2026-11-27T12:00:00Z");
constexpr auto kLifetime = 24h;

AuthorityRecord record_in(const doc::Value& secret) {
  Result<AuthorityRecord> read = read_authority(secret);
  EXPECT_TRUE(read) << read.error().text;
  return read ? *read : AuthorityRecord();
}

/// As the API server does with a merge patch (RFC 7386).
void merge(doc::Value& into, const doc::Value& patch) {
  if (!patch.is_object()) {
    into = patch;
    return;
  }
  if (!into.is_object()) into = doc::Object();
  for (const auto& member : patch.get_object()) {
    if (member.value().is_null()) {
      into.get_object().erase(member.key());
    } else {
      doc::Value value;
      if (const doc::Value* before = into.get_object().if_contains(member.key())) value = *before;
      merge(value, member.value());
      into.get_object()[member.key()] = std::move(value);
    }
  }
}

RotationFacts facts(std::vector<WallTime> nodes_began, std::chrono::seconds left = 24h * 365) {
  return {.now = kNow,
          .current_ends = kNow + left,
          .lifetime = kLifetime,
          .nodes_began = std::move(nodes_began)};
}

TEST(AuthorityRecord, IsReadFromWhatWasMade) {
  const AuthorityRecord record = record_in(new_authority("ray", 24h));
  EXPECT_TRUE(record.ours);
  EXPECT_EQ(record.trusted(), record.current.certificate_pem);
  EXPECT_EQ(due_rotation(record, facts({kNow - 1h})), Rotation::none);
}

TEST(AuthorityRecord, SaysWhatIsWrongWithTheSecret) {
  doc::Value secret = new_authority("ray", 24h);
  secret.get_object()["data"].get_object()["tls.crt"] = doc::encode_base64("x");
  Result<AuthorityRecord> read = read_authority(secret);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().text,
            "the authority in Secret raykeep-ca cannot be used: its certificate is no PEM text");
}

TEST(AuthorityRecord, OfSomebodyElseIsUsedAndNeverChanged) {
  doc::Value secret = new_authority("ray", 24h);
  secret.get_object()["metadata"].get_object().erase("labels");
  secret.get_object()["metadata"].get_object()["annotations"] =
      doc::Object{{rotate_annotation, "now"}};
  secret.get_object()["data"].get_object()["ca.crt"] = doc::encode_base64("ROOTS");
  const AuthorityRecord record = record_in(secret);
  EXPECT_EQ(record.trusted(), "ROOTS");
  EXPECT_EQ(due_rotation(record, facts({}, 1h)), Rotation::none);
}

TEST(AuthorityRecord, IsReplacedInStepsEachAfterEveryNodeBeganSinceTheLast) {
  doc::Value secret = new_authority("ray", 24h);
  AuthorityRecord record = record_in(secret);
  const std::string first = record.current.certificate_pem;
  ASSERT_EQ(due_rotation(record, facts({kNow - 1h}, kLifetime * 3 - 1s)), Rotation::begin);

  merge(secret, rotation_patch(record, Rotation::begin, kNow, 24h * 365));
  record = record_in(secret);
  ASSERT_TRUE(record.next);
  const std::string second = record.next->certificate_pem;
  EXPECT_EQ(record.current.certificate_pem, first) << "the first one signs on";
  EXPECT_EQ(record.trusted(), first + second);
  EXPECT_EQ(due_rotation(record, facts({kNow + 1h, kNow - 1h})), Rotation::none);
  EXPECT_EQ(due_rotation(record, facts({kNow + 20s})), Rotation::none) << "clocks differ";
  EXPECT_EQ(due_rotation(record, facts({})), Rotation::none) << "somebody may just start";
  RotationFacts later = facts({kNow + 1h, kNow + 2min});
  later.now = kNow + 2h;
  ASSERT_EQ(due_rotation(record, later), Rotation::promote);

  merge(secret, rotation_patch(record, Rotation::promote, kNow + 2h, 24h * 365));
  record = record_in(secret);
  EXPECT_EQ(record.current.certificate_pem, second);
  EXPECT_FALSE(record.next);
  EXPECT_EQ(record.trusted(), second + first) << "nodes that were signed by the first are trusted";
  later = facts({kNow + 1h});
  later.now = kNow + 4h;
  EXPECT_EQ(due_rotation(record, later), Rotation::none);
  later.nodes_began = {kNow + 3h};
  ASSERT_EQ(due_rotation(record, later), Rotation::finish);

  merge(secret, rotation_patch(record, Rotation::finish, kNow + 4h, 24h * 365));
  record = record_in(secret);
  EXPECT_EQ(record.trusted(), second);
  EXPECT_FALSE(record.stage_since);
  EXPECT_EQ(due_rotation(record, facts({kNow + 1h})), Rotation::none);
  EXPECT_EQ(doc::find(secret, {"data", next_private_key_key}), nullptr);
}

TEST(AuthorityRecord, IsReplacedOnDemand) {
  doc::Value secret = new_authority("ray", 24h * 3650);
  secret.get_object()["metadata"].get_object()["annotations"] =
      doc::Object{{rotate_annotation, "now"}};
  AuthorityRecord record = record_in(secret);
  EXPECT_TRUE(record.hurry);
  EXPECT_EQ(due_rotation(record, facts({kNow})), Rotation::begin);
  merge(secret, rotation_patch(record, Rotation::begin, kNow, 24h * 3650));
  merge(secret, rotation_patch(record_in(secret), Rotation::promote, kNow, 24h * 3650));
  EXPECT_TRUE(record_in(secret).hurry);
  merge(secret, rotation_patch(record_in(secret), Rotation::finish, kNow, 24h * 3650));
  EXPECT_FALSE(record_in(secret).hurry) << "once is enough";
}

}  // namespace
}  // namespace raykeep::control
