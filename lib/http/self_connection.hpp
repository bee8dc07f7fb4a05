/// @file
/// Self-connection: where nobody listens, the kernel may choose the very port that is asked as the asker's own, and
/// then connects it to itself. It would seem to answer, and keeps the port from who is to listen there.
#pragma once

namespace teal::http {

/// Whether both ends of the connected TCP socket are itself.
[[nodiscard]] bool is_connected_to_itself(int socket) noexcept;

} // namespace teal::http
