// Hides what looks like a secret in text that somebody else wrote (container logs), before a person
// or a file sees it.
#pragma once

#include <string>
#include <string_view>

namespace raykeep::control {

/// Replaces by *** the word after "Bearer ", and the values of keys that end in token, password,
/// passwd, secret or apikey, written as `key=value`, `key: value`, `"key": "value"` or `--key
/// value`. Case does not matter. It errs on the side of hiding; words that are no secret ("token:
/// missing") may be hidden, too.
std::string mask_secrets(std::string_view text);

}  // namespace raykeep::control
