// gRPC's own health question, which GCS and raylet answer alike. Internal to ray.
#pragma once

#include <string>

#include <boost/asio/awaitable.hpp>

#include "ray/probe.h"
#include "ray/rpc_channel.h"

namespace raykeep::ray {

/// `who` is for the text: "GCS". The channel must live until the answer. Throws only
/// Failure::cancelled.
boost::asio::awaitable<Probe> ask_health(RpcChannel& channel, std::string who, Deadline until);

/// The same as a table: what an answer to Check means.
Probe health_of(const RpcAnswer& answer, std::string_view who);

}  // namespace raykeep::ray
