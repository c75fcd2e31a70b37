/* Preloaded into the program: it is killed, or told of an error, at the N-th call that changes a file.
 *
 * SEEDBANK_FAULT_LOG  a file that gets a line for each such call.
 * SEEDBANK_FAULT_AT   the number of the call, from 1.
 * SEEDBANK_FAULT_HOW  "kill": ended without warning, with half of what it writes written;
 *                     "error": this call fails; "full": so does each that follows. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;

static void *next_of(const char *name) { return dlsym(RTLD_NEXT, name); }

/* Standard error and pipes are nobody's data. */
static int is_file(int fd) {
    struct stat found;
    return fstat(fd, &found) == 0 && (S_ISREG(found.st_mode) || S_ISDIR(found.st_mode));
}

enum { GO_ON, FAIL, DIE };

static int judge(const char *name) {
    const char *log = getenv("SEEDBANK_FAULT_LOG"), *at = getenv("SEEDBANK_FAULT_AT");
    long number = ++calls;
    if (log) {
        int fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        char line[32];
        size_t length = strlen(name);
        memcpy(line, name, length);
        line[length] = '\n';
        syscall(SYS_write, fd, line, length + 1);
        syscall(SYS_close, fd);
    }
    if (!at || number < atol(at)) return GO_ON;
    const char *how = getenv("SEEDBANK_FAULT_HOW");
    if (number > atol(at)) return how && !strcmp(how, "full") ? FAIL : GO_ON;
    return how && !strcmp(how, "kill") ? DIE : FAIL;
}

static _Noreturn void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

#define FAULT(name, code)                    \
    switch (judge(name)) {                   \
        case DIE: die();                     \
        case FAIL: errno = (code); return -1; \
    }

#define WRITE(function, offsets, values)                                          \
    ssize_t function(int fd, const void *bytes, size_t count offsets) {           \
        ssize_t (*real)(int, const void *, size_t offsets) = next_of(#function);  \
        if (is_file(fd)) switch (judge("write")) {                                \
            case DIE: real(fd, bytes, count / 2 values); die();                   \
            case FAIL: errno = ENOSPC; return -1;                                 \
        }                                                                         \
        return real(fd, bytes, count values);                                     \
    }

#define COMMA ,
WRITE(write, , )
WRITE(pwrite, COMMA off_t at, COMMA at)
WRITE(pwrite64, COMMA off64_t at, COMMA at)

#define ON_FILE(function, parameters, values)          \
    int function(int fd parameters) {                  \
        int (*real)(int parameters) = next_of(#function); \
        if (is_file(fd)) FAULT(#function, EIO)         \
        return real(fd values);                        \
    }

ON_FILE(fsync, , )
ON_FILE(fdatasync, , )
ON_FILE(ftruncate, COMMA off_t length, COMMA length)
ON_FILE(ftruncate64, COMMA off64_t length, COMMA length)

#define ON_PATH(function, parameters, values)          \
    int function parameters {                          \
        int (*real) parameters = next_of(#function);   \
        FAULT(#function, EIO)                          \
        return real values;                            \
    }

ON_PATH(unlink, (const char *path), (path))
ON_PATH(unlinkat, (int fd, const char *path, int flags), (fd, path, flags))
ON_PATH(rename, (const char *from, const char *to), (from, to))
ON_PATH(renameat, (int one, const char *from, int two, const char *to), (one, from, two, to))
ON_PATH(link, (const char *from, const char *to), (from, to))
ON_PATH(linkat, (int one, const char *from, int two, const char *to, int flags), (one, from, two, to, flags))
ON_PATH(rmdir, (const char *path), (path))
