// The flow table as a reviewer reads it: a row for each conversation, told once for all worker
// groups that have it in the same way. Of 50 groups that is some thirty rows for 7,600 flows; each
// flow stands in its row with what lets it through and how it was tested.
#pragma once

#include "report/input.h"
#include "report/permits.h"

namespace raykeep::report {

/// Rows in the order inward, inside, outward:
///   {"number", "direction", "from": {"role", "groups", "name"}, "to", "peers", "name", "ports",
///    "protocol", "encryption", "encrypted", "reason", "permitted", "count", "tested", "good",
///    "flows": [{"id", "from", "to", "tested"}]}
/// `from` and `to` of a flow are the rules that let it through there; null where the end is not
/// ours.
doc::Array flow_rows(const Input& input, Permits& permits);

}  // namespace raykeep::report
