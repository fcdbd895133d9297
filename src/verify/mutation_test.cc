// Every rule of a plan's policies is removed, and widened in every way there is, one at a time: the
// judgement must name that policy. And of the plan as it is, nothing is said.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "control/fields.h"
#include "verify/planned.h"
#include "verify/verdict.h"

namespace raykeep::verify {
namespace {

struct Mutation {
  std::string what;
  std::string policy;
  std::vector<doc::Value> live;
};

const std::vector<std::pair<const char*, const char*>> ways = {{"ingress", "from"},
                                                               {"egress", "to"}};

doc::Object& spec_of(doc::Value& policy) { return policy.as_object()["spec"].as_object(); }

std::string wider(const std::string& cidr) {
  int prefix = std::stoi(cidr.substr(cidr.find('/') + 1));
  // Two bits: the first address may stay what it is, the last does not.
  return prefix < 3 ? "" : fmt::format("{}/{}", cidr.substr(0, cidr.find('/')), prefix - 2);
}

std::vector<Mutation> mutations(const std::vector<doc::Value>& policies) {
  std::vector<Mutation> made;
  auto with = [&](std::size_t at, std::string what, auto change) {
    Mutation one{std::move(what), std::string(control::name_of(policies[at])), policies};
    change(spec_of(one.live[at]));
    made.push_back(std::move(one));
  };
  for (std::size_t at = 0; at < policies.size(); ++at) {
    Mutation gone{"policy removed", std::string(control::name_of(policies[at])), policies};
    gone.live.erase(gone.live.begin() + static_cast<std::ptrdiff_t>(at));
    made.push_back(std::move(gone));
    for (auto [way, peers] : ways) {
      with(at, fmt::format("{} not isolated", way), [&](doc::Object& spec) {
        const bool is_ingress = std::string_view(way) == "ingress";
        spec["policyTypes"] = doc::Array{is_ingress ? "Egress" : "Ingress"};
        spec.erase(way);
      });
      const doc::Value* list = doc::find(policies[at], {"spec", way});
      if (list == nullptr) continue;
      for (std::size_t i = 0; i < list->as_array().size(); ++i) {
        const doc::Object& rule = list->as_array()[i].as_object();
        auto named = [&](std::string_view what) { return fmt::format("{}[{}] {}", way, i, what); };
        auto here = [way, i](doc::Object& spec) -> doc::Object& {
          return spec[way].as_array()[i].as_object();
        };
        with(at, named("removed"), [&](doc::Object& spec) {
          doc::Array& rules = spec[way].as_array();
          rules.erase(rules.begin() + static_cast<std::ptrdiff_t>(i));
        });
        with(at, named("for everybody"), [&](doc::Object& spec) { here(spec).erase(peers); });
        with(at, named("on every port"), [&](doc::Object& spec) { here(spec).erase("ports"); });
        const doc::Array& ports = rule.at("ports").as_array();
        for (std::size_t j = 0; j < ports.size(); ++j) {
          with(at, named(fmt::format("without port {}", j)), [&](doc::Object& spec) {
            doc::Array& left = here(spec)["ports"].as_array();
            left.erase(left.begin() + static_cast<std::ptrdiff_t>(j));
            if (left.empty())
              spec[way].as_array().erase(spec[way].as_array().begin() +
                                         static_cast<std::ptrdiff_t>(i));
          });
          with(at, named(fmt::format("port {} up to 60000", j)), [&](doc::Object& spec) {
            here(spec)["ports"].as_array()[j].as_object()["endPort"] = 60000;
          });
          if (doc::find(ports[j], {"endPort"}) != nullptr)
            with(at, named(fmt::format("range {} cut short", j)), [&](doc::Object& spec) {
              doc::Object& port = here(spec)["ports"].as_array()[j].as_object();
              port["endPort"] = port["endPort"].to_number<int>() - 1;
            });
        }
        const doc::Array& all = rule.at(peers).as_array();
        for (std::size_t j = 0; j < all.size(); ++j) {
          for (const char* selector : {"podSelector", "namespaceSelector"}) {
            const doc::Object* labels = doc::find_object(all[j], {selector, "matchLabels"});
            if (labels == nullptr) continue;
            for (const auto& [key, value] : *labels) {
              with(at, named(fmt::format("{} without {}", selector, std::string_view(key))),
                   [&](doc::Object& spec) {
                     here(spec)[peers]
                         .as_array()[j]
                         .as_object()[selector]
                         .as_object()["matchLabels"]
                         .as_object()
                         .erase(key);
                   });
              with(at, named(fmt::format("{} with another {}", selector, std::string_view(key))),
                   [&](doc::Object& spec) {
                     here(spec)[peers]
                         .as_array()[j]
                         .as_object()[selector]
                         .as_object()["matchLabels"]
                         .as_object()[key] = "wrong";
                   });
            }
          }
          std::string cidr(doc::find_string(all[j], {"ipBlock", "cidr"}));
          if (!cidr.empty() && !wider(cidr).empty())
            with(at, named("wider block"), [&](doc::Object& spec) {
              here(spec)[peers].as_array()[j].as_object()["ipBlock"].as_object()["cidr"] =
                  wider(cidr);
            });
          if (doc::find(all[j], {"ipBlock", "except"}) != nullptr)
            with(at, named("without except"), [&](doc::Object& spec) {
              here(spec)[peers].as_array()[j].as_object()["ipBlock"].as_object().erase("except");
            });
        }
      }
    }
  }
  return made;
}

TEST(Mutation, OfThePlanAsItIsNothingIsSaid) {
  testing::Planned planned = testing::planned();
  Standing as_it_is = standing(planned.plan, testing::policies_of(planned.plan), {});
  for (const Fault& fault : judge_policies(planned.plan, as_it_is, {}))
    ADD_FAILURE() << fault.object << ": " << fault.what;
}

TEST(Mutation, EveryRuleThatIsRemovedOrWidenedIsNamed) {
  testing::Planned planned = testing::planned();
  std::vector<Mutation> all = mutations(testing::policies_of(planned.plan));
  std::size_t missed = 0;
  for (const Mutation& mutation : all) {
    std::vector<Fault> faults =
        judge_policies(planned.plan, standing(planned.plan, mutation.live, {}), {});
    bool named = std::ranges::any_of(faults, [&](const Fault& fault) {
      return fault.object.contains(mutation.policy) || fault.code == code::unguarded;
    });
    if (named) continue;
    ++missed;
    ADD_FAILURE() << mutation.policy << ' ' << mutation.what << ": "
                  << (faults.empty() ? "nothing was said" : faults.front().object);
  }
  fmt::print("mutations: {}, missed: {}\n", all.size(), missed);
  EXPECT_GT(all.size(), 300u);
}

TEST(Mutation, AHoleOfAForeignPolicyIsNamedUnlessItWasAccepted) {
  testing::Planned planned = testing::planned();
  std::vector<doc::Value> live = testing::policies_of(planned.plan);
  live.push_back(
      *doc::parse_json(R"({"kind":"NetworkPolicy","metadata":{"name":"allow-all","namespace":"ray"},
    "spec":{"podSelector":{},"ingress":[{}]}})"));
  std::vector<Fault> faults = judge_policies(planned.plan, standing(planned.plan, live, {}), {});
  ASSERT_EQ(faults.size(), 1u);
  EXPECT_EQ(faults[0].code, code::hole);
  EXPECT_EQ(faults[0].object, "NetworkPolicy allow-all ingress[0]");
  EXPECT_TRUE(
      judge_policies(planned.plan, standing(planned.plan, live, {"allow-all"}), {}).empty());
}

}  // namespace
}  // namespace raykeep::verify
