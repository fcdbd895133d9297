# Quantities are a library of their own: they need nothing of the rest of spec, and a fuzz target links just them.
raykeep_module(quantity SOURCES ${CMAKE_CURRENT_LIST_DIR}/quantity.cc USES base)
raykeep_test(quantity ${CMAKE_CURRENT_LIST_DIR}/quantity_test.cc)
