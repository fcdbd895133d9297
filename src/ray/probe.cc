#include "ray/probe.h"

namespace raykeep::ray {

std::string_view to_string(Answer answer) {
  switch (answer) {
    case Answer::serving:
      return "serving";
    case Answer::not_serving:
      return "not_serving";
    case Answer::silent:
      return "silent";
    case Answer::unreachable:
      return "unreachable";
    case Answer::denied:
      return "denied";
    case Answer::nonsense:
      return "nonsense";
    case Answer::not_asked:
      break;
  }
  return "not_asked";
}

}  // namespace raykeep::ray
