#include "kube/ask.h"

#include "kube/query.h"
#include "kube/session.h"

namespace raykeep::kube {
namespace {

constexpr std::size_t most_body = 64u << 20;

Query as_raykeep() {
  Query query;
  query.add("fieldManager", "raykeep").add("fieldValidation", "Strict");
  return query;
}

Question post(const doc::Value& object, const Query& query) {
  const Ref ref = ref_of(object);
  return {"POST", path_of(info_of(ref.kind), ref.ns) + query.text(), object};
}

}  // namespace

Question look_at(const Kind& kind, const std::string& ns, const std::string& name) {
  return {"GET", path_of(info_of(kind), ns, name), nullptr};
}

Question dry_apply(const doc::Value& object) {
  const Ref ref = ref_of(object);
  Query query = as_raykeep();
  query.add("force", "true").add("dryRun", "All");
  return {"PATCH", path_of(info_of(ref.kind), ref.ns, ref.name) + query.text(), object};
}

Question dry_create(const doc::Value& object) {
  Query query = as_raykeep();
  query.add("dryRun", "All");
  return post(object, query);
}

Question creation(const doc::Value& object) { return post(object, as_raykeep()); }

awaitable<Said> ask(Client& client, Question question, Deadline until) {
  Call call{.asked = {.doing = "ask", .object = question.path.substr(0, question.path.find('?'))},
            .method = question.method,
            .target = question.path};
  if (!question.body.is_null()) {
    call.body = doc::write_json(question.body);
    call.content_type =
        question.method == "PATCH" ? "application/apply-patch+yaml" : "application/json";
  }
  const bool changes = question.method != "GET" && !question.path.contains("dryRun=All");
  call.repeatable = !changes;
  Said said;
  try {
    net::Response response = co_await client.session().send(call, until, most_body);
    said.code = response.status;
    said.date = std::string(net::find_header(response.headers, "Date"));
    auto body = doc::parse_json(response.body, {.bytes = most_body, .depth = 1'000});
    if (body) said.body = std::move(*body);
    if (!said.good()) {
      Status status = read_status(response.status, response.body);
      said.reason = status.reason;
      said.message = status.message;
    }
  } catch (const Failure& failure) {
    if (failure.kind() == Failure::Kind::cancelled) throw;
    // Session throws where a credential is not accepted; that is an answer, too.
    if (failure.kind() == Failure::Kind::denied) said.code = 401;
    said.message = failure.what();
  }
  co_return said;
}

}  // namespace raykeep::kube
