// One request whose answer is a fact, whatever it is. For those who look for obstacles: to them a
// refusal is what they came for, and Client, which turns it into a Failure, loses the server's own
// words.
#pragma once

#include <string>

#include "kube/client.h"
#include "kube/kind.h"

namespace raykeep::kube {

struct Question {
  std::string method = "GET";
  std::string path = {};  // with its query
  doc::Value body = nullptr;
  bool operator==(const Question&) const = default;
};

struct Said {
  int code = 0;               // of HTTP; 0: there was no answer
  doc::Value body = nullptr;  // null where it is not JSON
  std::string reason = {};    // of a Status: "Forbidden"
  std::string message = {};   // of a Status; why there was no answer
  std::string date = {};      // the header, as the server's clock has it
  bool good() const { return code >= 200 && code < 300; }
  bool absent() const { return code == 404; }
  bool denied() const { return code == 401 || code == 403; }
};

/// GET of one object, or of all of a kind in `ns` when `name` is empty.
Question look_at(const Kind& kind, const std::string& ns, const std::string& name = "");

/// What the server would say to the object: server-side apply by Raykeep's field manager, or
/// creation. Nothing is stored; admission runs.
Question dry_apply(const doc::Value& object);
Question dry_create(const doc::Value& object);

/// Creation of an object, a review for instance.
Question creation(const doc::Value& object);

/// Throws Failure::cancelled alone; what else goes wrong is in the answer.
awaitable<Said> ask(Client& client, Question question, Deadline until);

}  // namespace raykeep::kube
