#define _GNU_SOURCE
#include "CPlatform.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

int firstlead_accept(int listener, char *address) {
    struct sockaddr_storage peer;
    socklen_t size = sizeof peer;
    address[0] = 0;
    int descriptor = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return -1;
    // getnameinfo knows scopes too, and takes ten times as long.
    if (peer.ss_family == AF_INET) {
        inet_ntop(AF_INET, &((struct sockaddr_in *)&peer)->sin_addr, address, FIRSTLEAD_ADDRESS_CAPACITY);
    } else if (getnameinfo((struct sockaddr *)&peer, size, address, FIRSTLEAD_ADDRESS_CAPACITY, NULL, 0,
                           NI_NUMERICHOST) != 0) {
        address[0] = 0;
    }
    return descriptor;
}

ptrdiff_t firstlead_send(int descriptor, const void *first, size_t first_count, const void *second,
                         size_t second_count, bool more) {
    struct iovec runs[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message = {.msg_iov = runs, .msg_iovlen = 2};
    return sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0));
}

int firstlead_poller_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

static int set(int poller, int operation, int descriptor, int64_t token, uint32_t interest) {
    struct epoll_event event = {.events = 0, .data.u64 = (uint64_t)token};
    if (interest & FIRSTLEAD_POLL_READ) event.events |= EPOLLIN;
    if (interest & FIRSTLEAD_POLL_WRITE) event.events |= EPOLLOUT;
    if (interest & FIRSTLEAD_POLL_SHARED) event.events |= EPOLLEXCLUSIVE;
    return epoll_ctl(poller, operation, descriptor, &event);
}

int firstlead_poller_add(int poller, int descriptor, int64_t token, uint32_t interest) {
    return set(poller, EPOLL_CTL_ADD, descriptor, token, interest);
}

int firstlead_poller_change(int poller, int descriptor, int64_t token, uint32_t interest) {
    return set(poller, EPOLL_CTL_MOD, descriptor, token, interest);
}

int firstlead_poller_remove(int poller, int descriptor) {
    return epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, NULL);
}

int firstlead_poller_wait(int poller, firstlead_poll_event *events, int milliseconds) {
    struct epoll_event list[FIRSTLEAD_POLL_CAPACITY];
    int count = epoll_wait(poller, list, FIRSTLEAD_POLL_CAPACITY, milliseconds);
    for (int index = 0; index < count; index += 1) {
        uint32_t happened = list[index].events;
        events[index].token = (int64_t)list[index].data.u64;
        events[index].state = (happened & EPOLLIN ? FIRSTLEAD_POLL_READ : 0) |
                              (happened & EPOLLOUT ? FIRSTLEAD_POLL_WRITE : 0) |
                              (happened & (EPOLLHUP | EPOLLERR) ? FIRSTLEAD_POLL_ENDED : 0);
    }
    return count;
}

int firstlead_bell_open(void) { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

void firstlead_bell_ring(int bell) {
    uint64_t one = 1;
    while (write(bell, &one, sizeof one) < 0 && errno == EINTR) {}
}

void firstlead_bell_silence(int bell) {
    uint64_t count;
    while (read(bell, &count, sizeof count) < 0 && errno == EINTR) {}
}

#if defined(__GLIBC__)
#include <malloc.h>

void firstlead_trim_memory(void) { malloc_trim(0); }

void firstlead_keep_memory(size_t largest, size_t unused) {
    mallopt(M_MMAP_THRESHOLD, (int)largest);
    mallopt(M_TRIM_THRESHOLD, (int)unused);
}
#else
void firstlead_trim_memory(void) {}
void firstlead_keep_memory(size_t largest, size_t unused) {
    (void)largest;
    (void)unused;
}
#endif
