#define _GNU_SOURCE
#include "CPlatform.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>

int firstlead_accept(int listener, char *address, uint16_t *port) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    char service[8] = "0";
    address[0] = 0;
    *port = 0;
    int descriptor = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return -1;
    if (getnameinfo((struct sockaddr *)&peer, size, address, FIRSTLEAD_ADDRESS_CAPACITY, service, sizeof service,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        address[0] = 0;
        return descriptor;
    }
    *port = (uint16_t)strtoul(service, NULL, 10);
    return descriptor;
}

ptrdiff_t firstlead_send(int descriptor, const void *first, size_t first_count, const void *second,
                         size_t second_count) {
    struct iovec runs[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message = {.msg_iov = runs, .msg_iovlen = 2};
    return sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

#if defined(__GLIBC__)
#include <malloc.h>

void firstlead_trim_memory(void) { malloc_trim(0); }
#else
void firstlead_trim_memory(void) {}
#endif
