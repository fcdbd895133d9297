// The page of a model that is read from standard input: for models that no plan would give.
#include <iostream>
#include <iterator>

#include "report/page.h"

int main() {
  std::string text(std::istreambuf_iterator<char>(std::cin), {});
  auto model = raykeep::doc::parse_json(text, {.bytes = 64u << 20, .nodes = 5'000'000});
  if (!model || !model->is_object()) return 1;
  std::cout << raykeep::report::page(model->get_object());
}
