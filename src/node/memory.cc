#include "node/memory.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace raykeep::node {
namespace {

/// Where the pages begin that the loader wrote to (RELRO): those are ours alone and must stay.
std::uintptr_t first_written(const dl_phdr_info& program) {
  std::uintptr_t first = UINTPTR_MAX;
  for (int i = 0; i < program.dlpi_phnum; ++i) {
    const auto& part = program.dlpi_phdr[i];
    if (part.p_type == PT_GNU_RELRO || (part.p_type == PT_LOAD && (part.p_flags & PF_W)))
      first = std::min(first, program.dlpi_addr + part.p_vaddr);
  }
  return first;
}

int shed(dl_phdr_info* program, std::size_t, void*) {
  auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  auto end_of_all = first_written(*program) / page * page;
  for (int i = 0; i < program->dlpi_phnum; ++i) {
    const auto& part = program->dlpi_phdr[i];
    if (part.p_type != PT_LOAD || (part.p_flags & PF_W)) continue;
    auto begin = program->dlpi_addr + part.p_vaddr;
    auto end = std::min((begin + part.p_memsz) / page * page, end_of_all);
    begin = (begin + page - 1) / page * page;
    // Clean pages of a file: nothing is lost.
    if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
  }
  return 1;  // the first is the program; a static one has no other
}

}  // namespace

void shed_code() { dl_iterate_phdr(shed, nullptr); }

}  // namespace raykeep::node
