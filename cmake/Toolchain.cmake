# The compiler's settings, the same for every module.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(RAYKEEP_SANITIZE "Build with AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(RAYKEEP_FUZZ "Build the libFuzzer targets (implies RAYKEEP_SANITIZE)" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror -Wno-deprecated-declarations
                    -ffunction-sections -fdata-sections -fno-semantic-interposition
                    "SHELL:-Xclang -fno-pch-timestamp")  # or a cached precompiled header would count as another
add_compile_definitions(BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_SEPARATE_COMPILATION BOOST_BEAST_SEPARATE_COMPILATION)
add_link_options(-fuse-ld=lld -Wl,--gc-sections)

if(RAYKEEP_FUZZ)
  set(RAYKEEP_SANITIZE ON)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
if(RAYKEEP_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
else()
  # The program is one static file; so are the tests, to test what ships.
  add_link_options(-static-pie -Wl,-z,relro,-z,now)
  set(CMAKE_FIND_LIBRARY_SUFFIXES .a)
endif()

set(Boost_USE_STATIC_LIBS ON)
set(OPENSSL_USE_STATIC_LIBS TRUE)
find_package(Boost 1.81 REQUIRED COMPONENTS json)
find_package(OpenSSL 3 REQUIRED)
find_package(GTest REQUIRED)
find_library(YAML_LIBRARY NAMES libyaml.a REQUIRED)
