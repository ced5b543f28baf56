/* Thousands of WebSocket viewers in one thread, for the fan-out benchmark. Compiled when it is needed: see fanout.py.

   swarm PORT PATH SOCKETS SENDERS RATE SECONDS SLOW COOKIES GREETING TEMPLATE [STORM]

   COOKIES  a file with a Cookie header value per line, taken in turn; "-" for none
   GREETING what a viewer has to have received to be in the room; "-" when the handshake is enough
   TEMPLATE what is sent; {T} becomes @number:nanoseconds@ and {K} a UUID made of the number
   SLOW     so many of the viewers read nothing after the beginning
   STORM    1: at the end all hang up at once and come again

   It says READY and waits for a line, sends, says DONE and waits again, then writes what it saw as JSON. All moments
   are those of CLOCK_MONOTONIC, so that another process can compare. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { BATCH = 64, BUCKETS = 1 << 17, SPACE = 1 << 20 };
static const double STEP_US = 100.0; /* width of a bucket of the histogram */

struct viewer {
    int fd, slow, greeted;
    long kept;             /* bytes of an unfinished frame */
    unsigned char *rest;
    unsigned char *seen;   /* a bit for each message */
};

static struct viewer *all;
static int total, at_work, greeting_len;
static long most;          /* messages there can be */
static unsigned *heard;    /* by how many viewers, for each message */
static unsigned waits[BUCKETS];
static unsigned long delivered, doubled, frames_in, bytes_in, acks, refusals, deletions, closed;
static double longest_us, deleted_at;
static unsigned char space[SPACE + 16];
static const char *greeting;
static char **cookies;
static int cookie_count, poll_fd;
static const char *path;
static int port;

static double now_us(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static int send_frame(int fd, int opcode, const char *text, int length) {
    unsigned char out[4096];
    int at = 2;
    if (length > 4000) return -1;
    out[0] = 0x80 | opcode;
    if (length < 126) out[1] = 0x80 | length;
    else { out[1] = 0x80 | 126; out[2] = length >> 8; out[3] = length & 255; at = 4; }
    memset(out + at, 0, 4); /* a mask of zeros leaves the text as it is */
    memcpy(out + at + 4, text, length);
    return send(fd, out, at + 4 + length, MSG_NOSIGNAL) == at + 4 + length ? 0 : -1;
}

static void count(const char *text, const char *what, unsigned long *sum) {
    for (size_t n = strlen(what); (text = strstr(text, what)); text += n) ++*sum;
}

static void take_text(struct viewer *who, char *text) {
    double moment = now_us();
    frames_in++;
    if (greeting_len && !who->greeted && strstr(text, greeting)) who->greeted = 1;
    count(text, "\"type\":\"said\"", &acks);
    count(text, "\"type\":\"refused\"", &refusals);
    count(text, "\"type\":\"error\"", &refusals);
    unsigned long before = deletions;
    count(text, "\"type\":\"deleted\"", &deletions);
    if (deletions != before) deleted_at = moment;
    for (char *at = text; at_work && (at = strchr(at, '@')); at++) {
        char *end;
        long number = strtol(at + 1, &end, 10);
        if (end == at + 1 || *end != ':' || number < 0 || number >= most) continue;
        double sent = strtod(end + 1, &end) / 1e3;
        if (*end != '@') continue;
        at = end;
        if (who->seen[number / 8] & (1 << number % 8)) { doubled++; continue; }
        who->seen[number / 8] |= 1 << number % 8;
        heard[number]++;
        delivered++;
        double wait = moment - sent;
        if (wait > longest_us) longest_us = wait;
        long bucket = wait / STEP_US;
        waits[bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : bucket]++;
    }
}

static void hang_up(struct viewer *who) {
    if (who->fd >= 0) close(who->fd);
    who->fd = -1;
    who->kept = 0;
    who->greeted = 0;
}

/* whole frames are taken, the beginning of the next one is kept; 0 when the school has closed the socket */
static int take_bytes(struct viewer *who, unsigned char *data, long length) {
    long at = 0;
    while (length - at >= 2) {
        long size = data[at + 1] & 127, head = 2;
        if (size == 126) {
            if (length - at < 4) break;
            size = data[at + 2] << 8 | data[at + 3];
            head = 4;
        } else if (size == 127) {
            if (length - at < 10) break;
            size = 0;
            for (int i = 2; i < 10; i++) size = size << 8 | data[at + i];
            head = 10;
        }
        if (length - at < head + size) break;
        unsigned char *body = data + at + head, after = body[size];
        switch (data[at] & 15) {
        case 1:
            body[size] = 0;
            take_text(who, (char *)body);
            body[size] = after;
            break;
        case 9: send_frame(who->fd, 10, (char *)body, size); break;
        case 8: return 0;
        }
        /* Engine.IO asks whether one is there with a text frame of its own */
        if ((data[at] & 15) == 1 && size == 1 && body[0] == '2') send_frame(who->fd, 1, "3", 1);
        at += head + size;
    }
    who->kept = length - at;
    if (who->kept) {
        who->rest = realloc(who->rest, who->kept);
        memcpy(who->rest, data + at, who->kept);
    }
    return 1;
}

static void read_from(struct viewer *who) {
    long before = who->kept;
    if (before) memcpy(space, who->rest, before);
    long got = recv(who->fd, space + before, SPACE - before, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got > 0) bytes_in += got;
    if (got <= 0 || !take_bytes(who, space, before + got)) {
        closed++;
        hang_up(who);
    }
}

static void serve(double until) {
    struct epoll_event events[1024];
    double left = until - now_us();
    int found = epoll_wait(poll_fd, events, 1024, left <= 0 ? 0 : left > 20000 ? 20 : (int)(left / 1e3));
    for (int i = 0; i < found; i++) {
        struct viewer *who = all + events[i].data.u32;
        if (who->fd >= 0) read_from(who);
    }
}

static int dial(int number) {
    char request[3000];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1, small = 4096, fd = socket(AF_INET, SOCK_STREAM, 0);
    struct timeval patience = {60, 0};
    inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (all[number].slow) setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: localhost:%d\r\nOrigin: http://localhost:%d\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: c3dhcm0gb2Ygdmlld2Vycw==\r\n%s%s%s\r\n",
        path, port, port, cookie_count ? "Cookie: " : "", cookie_count ? cookies[number % cookie_count] : "",
        cookie_count ? "\r\n" : "");
    if (connect(fd, (void *)&to, sizeof to) || send(fd, request, length, MSG_NOSIGNAL) != length) {
        close(fd);
        return -1;
    }
    return fd;
}

/* the answer to the handshake, and what came right behind it */
static int shake(struct viewer *who) {
    long got = 0;
    unsigned char *end = 0;
    while (!end && got < 60000) {
        long more = recv(who->fd, space + got, 65536 - got, 0);
        if (more <= 0) break;
        got += more;
        end = memmem(space, got, "\r\n\r\n", 4);
    }
    if (!end || memcmp(space + 9, "101", 3)) {
        static int told;
        if (!told++) fprintf(stderr, "handshake: %.*s\n", got > 200 ? 200 : (int)got, got ? (char *)space : "(nothing)");
        return 0;
    }
    end += 4;
    return take_bytes(who, end, space + got - end);
}

static int connect_all(void) {
    int failed = 0;
    for (int first = 0; first < total; first += BATCH) {
        int last = first + BATCH < total ? first + BATCH : total;
        for (int i = first; i < last; i++) all[i].fd = dial(i);
        for (int i = first; i < last; i++) {
            if (all[i].fd < 0 || !shake(all + i)) {
                hang_up(all + i);
                failed++;
                continue;
            }
            if (greeting_len && greeting[0] == '4') send_frame(all[i].fd, 1, "40", 2); /* into the namespace of socket.io */
            fcntl(all[i].fd, F_SETFL, O_NONBLOCK);
            struct epoll_event event = {.events = EPOLLIN, .data.u32 = i};
            epoll_ctl(poll_fd, EPOLL_CTL_ADD, all[i].fd, &event);
        }
        serve(now_us());
    }
    for (double end = now_us() + 60e6; greeting_len && now_us() < end;) {
        int missing = 0;
        for (int i = 0; i < total; i++) missing += all[i].fd >= 0 && !all[i].greeted;
        if (!missing) break;
        serve(now_us() + 20000);
    }
    return failed;
}

static double percentile(double share) {
    unsigned long want = delivered * share, sum = 0;
    for (int i = 0; i < BUCKETS; i++)
        if ((sum += waits[i]) > want) return (i + 0.5) * STEP_US / 1e3;
    return longest_us / 1e3;
}

static void wait_for_line(const char *word) {
    char line[16];
    printf("%s\n", word);
    fflush(stdout);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = total};
    epoll_ctl(poll_fd, EPOLL_CTL_ADD, 0, &event);
    for (;;) {
        struct epoll_event events[256];
        int found = epoll_wait(poll_fd, events, 256, -1), done = 0;
        for (int i = 0; i < found; i++)
            if (events[i].data.u32 == (unsigned)total) done = 1;
            else if (all[events[i].data.u32].fd >= 0) read_from(all + events[i].data.u32);
        if (done) break;
    }
    epoll_ctl(poll_fd, EPOLL_CTL_DEL, 0, &event);
    if (!fgets(line, sizeof line, stdin)) exit(1);
}

static void read_cookies(const char *file) {
    static char line[2000];
    FILE *from = strcmp(file, "-") ? fopen(file, "r") : 0;
    while (from && fgets(line, sizeof line, from)) {
        line[strcspn(line, "\n")] = 0;
        cookies = realloc(cookies, ++cookie_count * sizeof *cookies);
        cookies[cookie_count - 1] = strdup(line);
    }
}

static int fill(char *out, const char *template, long number) {
    char *to = out;
    for (const char *at = template; *at; at++) {
        if (!strncmp(at, "{T}", 3)) to += sprintf(to, "@%ld:%.0f@", number, now_us() * 1e3), at += 2;
        else if (!strncmp(at, "{K}", 3)) to += sprintf(to, "%08lx-0000-4000-8000-%012lx", (long)port, number), at += 2;
        else *to++ = *at;
    }
    *to = 0;
    return to - out;
}

int main(int argc, char **argv) {
    if (argc < 11) return fprintf(stderr, "see the head of swarm.c\n"), 2;
    port = atoi(argv[1]);
    path = argv[2];
    total = atoi(argv[3]);
    int senders = atoi(argv[4]), slow = atoi(argv[7]);
    double rate = atof(argv[5]), seconds = atof(argv[6]);
    read_cookies(argv[8]);
    greeting = argv[9];
    greeting_len = strcmp(greeting, "-") ? strlen(greeting) : 0;
    most = rate * seconds + 1;
    all = calloc(total + 1, sizeof *all);
    heard = calloc(most, sizeof *heard);
    poll_fd = epoll_create1(0);
    for (int i = 0; i < total; i++) {
        all[i].fd = -1;
        all[i].slow = i >= total - slow;
        all[i].seen = calloc(most / 8 + 1, 1);
    }
    double began = now_us();
    int failed = connect_all();
    double connecting = (now_us() - began) / 1e6;
    int reading = 0;
    for (int i = 0; i < total; i++) {
        if (all[i].fd >= 0 && all[i].slow) epoll_ctl(poll_fd, EPOLL_CTL_DEL, all[i].fd, 0);
        else reading += all[i].fd >= 0;
    }
    wait_for_line("READY");
    at_work = 1;
    acks = refusals = frames_in = bytes_in = closed = deletions = 0;
    double start = now_us(), stop = start + seconds * 1e6;
    long sent = 0;
    while (now_us() < stop) {
        double due = start + sent / rate * 1e6;
        if (sent < most - 1 && now_us() >= due) {
            char message[4096];
            send_frame(all[sent % senders].fd, 1, message, fill(message, argv[10], sent));
            sent++;
        } else serve(due < stop ? due : stop);
    }
    for (double end = now_us() + 10e6; now_us() < end && delivered < (unsigned long)sent * reading;) serve(now_us() + 20000);
    double wall = (now_us() - start) / 1e6;
    wait_for_line("DONE");
    at_work = 0;
    long complete = 0;
    for (long i = 0; i < sent; i++) complete += heard[i] == (unsigned)reading;
    unsigned long was_closed = closed, was_deleted = deletions;
    double storm = 0;
    int lost = 0;
    if (argc > 11) {
        for (int i = 0; i < total; i++) { hang_up(all + i); all[i].slow = 0; }
        double from = now_us();
        lost = connect_all();
        storm = (now_us() - from) / 1e6;
        for (int i = 0; greeting_len && i < total; i++) lost += all[i].fd >= 0 && !all[i].greeted;
    }
    printf("{\"sockets\":%d,\"reading\":%d,\"failed\":%d,\"connect_s\":%.2f,\"sent\":%ld,\"acknowledged\":%lu,\"refused\":%lu,"
           "\"complete\":%ld,\"delivered\":%lu,\"doubled\":%lu,\"frames\":%lu,\"bytes\":%lu,\"closed\":%lu,\"wall_s\":%.3f,"
           "\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,\"deleted\":%lu,\"deleted_at_ns\":%.0f,\"storm_s\":%.2f,\"storm_lost\":%d}\n",
           total, reading, failed, connecting, sent, acks, refusals, complete, delivered, doubled, frames_in, bytes_in,
           was_closed, wall, percentile(.5), percentile(.99), longest_us / 1e3, was_deleted, deleted_at * 1e3, storm, lost);
    return 0;
}
