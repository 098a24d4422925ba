// Runs one Node child as if it were this process: signals in, exit code out. Runs on Node 12: plain ES2018.
'use strict';

const childProcess = require('child_process');
const os = require('os');

// One Ctrl-C reaches this process twice, from the terminal and again from npm, which forwards it. The child must see
// one: the server takes a second signal as "end at once".
const REPEAT_MS = 500;

/**
 * Starts `node` with `args` in a process group of its own, hands it SIGINT, SIGTERM and SIGHUP once each time they are
 * meant, and resolves with `{ code, message }`: its exit code (128 + signal when killed) and the last object it sent
 * over IPC. The IPC channel also tells the child when this process is killed outright.
 */
function runNode(node, args, options) {
  return new Promise((resolve, reject) => {
    const child = childProcess.spawn(node, args, {
      cwd: options.cwd,
      env: options.env,
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    let message = {};
    const last = {};
    const forward = (signal) => {
      const now = Date.now();
      const isRepeat = last[signal] !== undefined && now - last[signal] < REPEAT_MS;
      last[signal] = now;
      if (!isRepeat) child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
    };
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    child.on('message', (value) => {
      message = value;
    });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      for (const name of signals) process.removeListener(name, forward);
      resolve({ code: signal === null ? code : 128 + os.constants.signals[signal], message });
    });
  });
}

module.exports = { runNode };
