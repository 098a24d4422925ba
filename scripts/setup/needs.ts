// What the operating system must supply to serve: ffmpeg, and the tools that compile the mediasoup worker.
import { spawnSync } from 'node:child_process';
import { findProgram } from './paths.ts';
import type { SystemNeed } from './system-packages.ts';

/** ffmpeg and ffprobe. Which encoders it has is the server's business. */
export const FFMPEG: SystemNeed = {
  what: 'ffmpeg',
  isPresent: () => findProgram('ffmpeg') !== undefined && findProgram('ffprobe') !== undefined,
  packages: {
    'apt-get': ['ffmpeg'],
    dnf: ['ffmpeg'],
    pacman: ['ffmpeg'],
    apk: ['ffmpeg'],
    brew: ['ffmpeg'],
  },
};

const WORKER_TOOLS = ['meson', 'ninja', 'pkg-config', 'c++', 'cc', 'flatc', 'patch', 'strip'];
const WORKER_LIBRARIES = ['openssl', 'libuv', 'libsrtp2', 'absl_strings', 'absl_optional', 'flatbuffers'];

/** Compiler, tools and libraries that scripts/worker/build.ts uses. */
export const WORKER_BUILD: SystemNeed = {
  what: 'compiler, tools and libraries for the mediasoup worker',
  isPresent: () =>
    WORKER_TOOLS.every((tool) => findProgram(tool) !== undefined) &&
    spawnSync('pkg-config', ['--exists', ...WORKER_LIBRARIES]).status === 0,
  packages: {
    'apt-get': [
      ...['meson', 'ninja-build', 'pkg-config', 'g++', 'patch', 'libssl-dev', 'libuv1-dev', 'libsrtp2-dev'],
      ...['libabsl-dev', 'libflatbuffers-dev', 'flatbuffers-compiler'],
    ],
    dnf: [
      ...[
        'meson',
        'ninja-build',
        'pkgconf',
        'gcc-c++',
        'patch',
        'openssl-devel',
        'libuv-devel',
        'libsrtp-devel',
      ],
      ...['abseil-cpp-devel', 'flatbuffers-devel', 'flatbuffers-compiler'],
    ],
    brew: ['meson', 'ninja', 'pkgconf', 'openssl@3', 'libuv', 'srtp', 'abseil', 'flatbuffers'],
  },
};
