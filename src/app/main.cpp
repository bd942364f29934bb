#include "app/program.h"

int main(int count, char** arguments) {
  return twinlake::app::run_program(std::vector<std::string>(arguments + 1, arguments + count));
}
