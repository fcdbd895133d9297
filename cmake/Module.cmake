# raykeep_module(NAME SOURCES a.cc ... [USES other modules] [LIBRARIES outside libraries] [PCH_OF module])
# A module is a static library. USES are its arrows: tools/check_arrows.py proves from the includes that there are no
# others. PCH_OF names the module whose precompiled header it shares.
function(raykeep_module name)
  cmake_parse_arguments(M "" "PCH_OF" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_library(raykeep_${name} STATIC ${M_SOURCES})
  target_include_directories(raykeep_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM M_USES PREPEND raykeep_ OUTPUT_VARIABLE uses)
  target_link_libraries(raykeep_${name} PUBLIC ${uses} ${M_LIBRARIES})
  if(M_PCH_OF)
    target_precompile_headers(raykeep_${name} REUSE_FROM raykeep_${M_PCH_OF})
  endif()
endfunction()

# raykeep_test(MODULE a_test.cc ...): one test program per module, MODULE_test. ctest runs it whole: one process, milliseconds.
function(raykeep_test module)
  add_executable(${module}_test ${ARGN})
  target_link_libraries(${module}_test PRIVATE raykeep_${module} GTest::gtest_main)
  target_compile_definitions(${module}_test PRIVATE RAYKEEP_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${module} COMMAND ${module}_test)
  if(module MATCHES "^(base|quantity|net|oci|kube|redis|pki)$")
    raykeep_quick(${module}_test)
  else()
    raykeep_test_header(${module}_test)
  endif()
endfunction()

# Compiles a target without optimizing, which takes half as long: what is tested is optimized all the same. A precompiled header fits
# only what is compiled alike, so tests have headers of their own.
function(raykeep_quick target)
  target_compile_options(${target} PRIVATE -O0 -fPIC)
endfunction()

# Gives a test program the precompiled header for tests.
function(raykeep_test_header target)
  if(NOT TARGET raykeep_testing)
    add_library(raykeep_testing STATIC ${PROJECT_SOURCE_DIR}/cmake/pch_test.cc)
    target_link_libraries(raykeep_testing PUBLIC raykeep_doc GTest::gtest)
    target_precompile_headers(raykeep_testing PRIVATE ${PROJECT_SOURCE_DIR}/cmake/pch_test.h)
    raykeep_quick(raykeep_testing)
  endif()
  raykeep_quick(${target})
  target_precompile_headers(${target} REUSE_FROM raykeep_testing)
endfunction()
