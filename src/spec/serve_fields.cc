// Every field of the configuration that Ray Serve takes (PUT /api/serve/applications/), as Ray 2.60
// has it (python/ray/serve/schema.py, ServeDeploySchema; config.py), in the notation of shape.h.
#include "spec/shape_tables.h"

namespace raykeep::spec {

// clang-format off
const char* const kServeShapes = R"(
ServeConfig -- What Ray Serve is to run.
  proxy_location ServeProxyLocation -- Where proxies run: EveryNode with a replica, HeadOnly, or nowhere.
  http_options ServeHttpOptions -- Of the HTTP proxies.
  grpc_options ServeGrpcOptions -- Of the gRPC proxies.
  controller_options object -- Of Serve's controller.
  logging_config ServeLogging -- Of Serve's own parts.
  tracing_config object -- Of Serve's own parts.
  applications! ServeApplication[] -- What is served.
  target_capacity number -- Percent of the replicas that are to run.
ServeProxyLocation = EveryNode|HeadOnly|Disabled|NoServer
ServeHttpOptions -- Of the HTTP proxies.
  host string, port int32, root_path string, request_timeout_s number, keep_alive_timeout_s count
  ssl_keyfile string, ssl_certfile string, ssl_keyfile_password string, ssl_ca_certs string
  middlewares any, location any, num_cpus number, fixed_number_replicas any, fixed_number_selection_seed any
ServeGrpcOptions -- Of the gRPC proxies.
  port int32, grpc_servicer_functions string[], request_timeout_s number, enable_reflection bool
ServeLogging -- How is logged.
  encoding ServeEncoding, log_level any, logs_dir string, enable_access_log bool, additional_log_standard_attrs string[]
ServeEncoding = TEXT|JSON
ServeApplication -- One application.
  name string -- default if not said.
  route_prefix string -- / if not said.
  import_path! string -- module:application, as Python imports it.
  runtime_env object -- What is loaded before it runs.
  host string, port int32, args object, autoscaling_policy object, external_scaler_enabled bool
  deployments ServeDeployment[] -- In place of what the code says.
  logging_config ServeLogging -- Of its replicas.
ServeDeployment -- Options of one deployment, in place of those in the code.
  name! string -- As the code names it.
  num_replicas any -- How many; auto: as autoscaling_config has it.
  max_ongoing_requests int32, max_queued_requests int32, backpressure_config object, user_config object
  autoscaling_config ServeAutoscaling -- Between which numbers, and by what.
  graceful_shutdown_wait_loop_s number, graceful_shutdown_timeout_s number, health_check_period_s number, health_check_timeout_s number
  ray_actor_options ServeActorOptions -- Of each replica.
  placement_group_bundles object[], placement_group_strategy ServePlacement, placement_group_bundle_label_selector object[]
  max_replicas_per_node int32, logging_config ServeLogging, request_router_config object, gang_scheduling_config object
  deployment_actors object[], rolling_update_percentage number, max_surge_percent count
ServePlacement = PACK|SPREAD|STRICT_PACK|STRICT_SPREAD
ServeAutoscaling -- Between which numbers, and by what.
  min_replicas count, initial_replicas count, max_replicas count, target_ongoing_requests number, metrics_interval_s number, look_back_period_s number
  smoothing_factor number, upscale_smoothing_factor number, downscale_smoothing_factor number, upscaling_factor number, downscaling_factor number
  downscale_delay_s number, downscale_to_zero_delay_s number, upscale_delay_s number, aggregation_function string, policy object
  target_num_ongoing_requests_per_replica number
ServeActorOptions -- Of each replica.
  runtime_env object, num_cpus number, num_gpus number, memory number, resources object, accelerator_type string, label_selector string{}
  fallback_strategy object[]
)";
// clang-format on

}  // namespace raykeep::spec
