// Preloaded into an engine's process, hides AVX-512, AMX and the other sets that no AVX2 machine of 2020 has.
//
// ONNX Runtime has no setting that does so, and OpenVINO's reaches only part of its kernels. The processor is told to fault on
// CPUID (Linux: arch_prctl(ARCH_SET_CPUID); Intel: "CPUID faulting"), and the handler answers in its place. Threads and
// forked children inherit the setting; a program that is executed afresh preloads this again.

#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

enum { ARCH_SET_CPUID = 0x1012 };

// Intel SDM volume 2A, CPUID. Leaf 7.0 EBX: AVX512F, DQ, IFMA, PF, ER, CD, BW, VL.
static const uint32_t leaf7_ebx = 1u << 16 | 1u << 17 | 1u << 21 | 1u << 26 | 1u << 27 | 1u << 28 | 1u << 30 | 1u << 31;
// ECX: AVX512_VBMI, VBMI2, VNNI, BITALG, VPOPCNTDQ.
static const uint32_t leaf7_ecx = 1u << 1 | 1u << 6 | 1u << 11 | 1u << 12 | 1u << 14;
// EDX: AVX512_4VNNIW, 4FMAPS, VP2INTERSECT, AMX_BF16, AVX512_FP16, AMX_TILE, AMX_INT8.
static const uint32_t leaf7_edx = 1u << 2 | 1u << 3 | 1u << 8 | 1u << 22 | 1u << 23 | 1u << 24 | 1u << 25;

static long set_cpuid(unsigned long enabled) { return syscall(SYS_arch_prctl, ARCH_SET_CPUID, enabled); }

static int next_sigaction(int signal, const struct sigaction *action, struct sigaction *previous);

static void answer(int signal, siginfo_t *info, void *context) {
    greg_t *registers = ((ucontext_t *)context)->uc_mcontext.gregs;
    const uint8_t *instruction = (const uint8_t *)registers[REG_RIP];
    // A faulting CPUID is a general protection fault, which Linux reports without an address.
    if (info->si_code != SI_KERNEL || instruction[0] != 0x0F || instruction[1] != 0xA2) {
        const struct sigaction standard = {.sa_handler = SIG_DFL};
        next_sigaction(signal, &standard, NULL);
        return;
    }
    const uint32_t leaf = (uint32_t)registers[REG_RAX], part = (uint32_t)registers[REG_RCX];
    uint32_t a, b, c, d;
    set_cpuid(1);
    __cpuid_count(leaf, part, a, b, c, d);
    set_cpuid(0);
    if (leaf == 7 && part == 0) {
        b &= ~leaf7_ebx;
        c &= ~leaf7_ecx;
        d &= ~leaf7_edx;
    } else if (leaf == 7 && part == 1) {
        a = 0;  // AVX_VNNI, AVX512_BF16, AVX_IFMA, AMX_FP16
        d = 0;  // AVX_VNNI_INT8, AVX_NE_CONVERT, AVX10
    }
    registers[REG_RAX] = a;
    registers[REG_RBX] = b;
    registers[REG_RCX] = c;
    registers[REG_RDX] = d;
    registers[REG_RIP] += 2;
}

static int next_sigaction(int signal, const struct sigaction *action, struct sigaction *previous) {
    int (*next)(int, const struct sigaction *, struct sigaction *);
    *(void **)&next = dlsym(RTLD_NEXT, "sigaction");
    return next(signal, action, previous);
}

// Nobody takes the handler away: the compiler that PyTorch calls would, and then ask for CPUID.
int sigaction(int signal, const struct sigaction *action, struct sigaction *previous) {
    return next_sigaction(signal, signal == SIGSEGV ? NULL : action, previous);
}

__sighandler_t signal(int number, __sighandler_t handler) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART}, previous;
    return sigaction(number, &action, &previous) == 0 ? previous.sa_handler : SIG_ERR;
}

__attribute__((constructor)) static void hide(void) {
    const struct sigaction action = {.sa_sigaction = answer, .sa_flags = SA_SIGINFO | SA_NODEFER};
    if (next_sigaction(SIGSEGV, &action, NULL) != 0 || set_cpuid(0) != 0) {
        fputs("cpuid_without_avx512: this processor or kernel cannot fault on CPUID\n", stderr);
        _exit(1);
    }
}
