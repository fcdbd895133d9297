// Registries as the command line describes them: logins, authorities, proxies.
#pragma once

#include <string>

#include <boost/asio/any_io_executor.hpp>

#include "base/clock.h"
#include "cli/arguments.h"
#include "oci/registries.h"
#include "spec/site.h"

namespace raykeep::cli {

/// Makes a registry by its host's name. `clock` must outlive what it makes. Throws Failure::invalid
/// where a file that was named cannot be used.
oci::Registries::Make registry_maker(const BundleArguments& arguments,
                                     boost::asio::any_io_executor executor, const Clock& clock);

/// The Site's mirrors, as oci knows them.
std::vector<oci::Mirror> mirrors_of(const spec::Site& site);

/// The whole of a small file. Throws Failure::invalid.
std::string read_small_file(const std::string& path, std::size_t most = 1u << 20);

/// "4.7G": bytes. Empty: 0. Throws Failure::invalid.
std::uint64_t read_size(const std::string& text, const char* flag);

/// "12.3 MiB".
std::string size_text(std::uint64_t bytes);

}  // namespace raykeep::cli
