// What a shell is told. Written in docs/commands.md; scripts depend on it.
#pragma once

namespace raykeep::cli {

enum ExitCode {
  done = 0,
  failed = 1,       // the world said no; diff: there are differences, as kubectl has it
  wrong_usage = 2,  // the command line makes no sense
  findings = 3,     // the documents have errors; nothing was touched
  interrupted = 130,
};

}  // namespace raykeep::cli
