# raykeep_module(NAME SOURCES a.cc ... [USES other modules] [LIBRARIES outside libraries])
# A module is a static library. USES are its arrows: tools/check_arrows.py proves from the includes that there are no others.
function(raykeep_module name)
  cmake_parse_arguments(M "" "" "SOURCES;USES;LIBRARIES" ${ARGN})
  add_library(raykeep_${name} STATIC ${M_SOURCES})
  target_include_directories(raykeep_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM M_USES PREPEND raykeep_ OUTPUT_VARIABLE uses)
  target_link_libraries(raykeep_${name} PUBLIC ${uses} ${M_LIBRARIES})
endfunction()

# raykeep_test(MODULE a_test.cc ...): one test program per module, NAME_test. ctest runs it whole: one process, milliseconds.
function(raykeep_test module)
  add_executable(${module}_test ${ARGN})
  target_link_libraries(${module}_test PRIVATE raykeep_${module} GTest::gtest_main)
  target_compile_definitions(${module}_test PRIVATE RAYKEEP_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  add_test(NAME ${module} COMMAND ${module}_test)
endfunction()
