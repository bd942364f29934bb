#include "app/who.h"

#include <unistd.h>

#include <array>
#include <cstdlib>

namespace twinlake::app {

Person who_is_here() {
  Person person;
  std::array<char, 256> host{};
  person.host = gethostname(host.data(), host.size() - 1) == 0 ? host.data() : "?";
  const char* const user = std::getenv("USER");
  person.user = user != nullptr && *user != '\0' ? user : "user " + std::to_string(getuid());
  return person;
}

}  // namespace twinlake::app
