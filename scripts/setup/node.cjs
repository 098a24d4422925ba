// A Node new enough for Barrage: the running one, else one fetched from the npm registry into the cache.
// Runs on Node 12: plain ES2018, no `node:` imports. The set-up of everything else is TypeScript, in main.ts.
'use strict';

const childProcess = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

// 24.2 brought `import.meta.main`. Fetched is the newest 24.
const MAJOR = 24;
const MINOR = 2;
const FETCH_TIMEOUT_MS = 10 * 60 * 1000;
const HEARTBEAT_MS = 10 * 1000;
// npm's own are 10 s and 60 s: a long silence for someone who is simply offline.
const RETRIES = ['--fetch-retry-mintimeout=1000', '--fetch-retry-maxtimeout=5000'];
const COMPLAINT_LINES = 6;

/** The cache folder: `$XDG_CACHE_HOME/barrage`, or `~/.cache/barrage`. Kept the same as in paths.ts. */
function cacheDir() {
  const base = process.env.XDG_CACHE_HOME;
  return path.join(base && path.isAbsolute(base) ? base : path.join(os.homedir(), '.cache'), 'barrage');
}

/** Whether a version such as `v24.2.0` is one that Barrage runs on. */
function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return major > MAJOR || (major === MAJOR && minor >= MINOR);
}

function removeDir(dir) {
  // fs.rmSync came with Node 14.14; Node 12 removes folders through rmdirSync.
  if (fs.rmSync) fs.rmSync(dir, { recursive: true, force: true });
  else if (fs.existsSync(dir)) fs.rmdirSync(dir, { recursive: true });
}

/** Temporary folders of fetches that were killed: their name ends in the id of a process that is gone. */
function removeLeftovers(dir) {
  for (const name of fs.existsSync(dir) ? fs.readdirSync(dir) : []) {
    const match = /\.tmp-(\d+)$/.exec(name);
    if (match === null) continue;
    try {
      process.kill(Number(match[1]), 0);
    } catch (error) {
      if (error.code === 'ESRCH') removeDir(path.join(dir, name));
    }
  }
}

function npmInstall(dir, packages) {
  const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save', '--loglevel=error'].concat(
    RETRIES,
  );
  return new Promise((resolve, reject) => {
    const child = childProcess.spawn('npm', ['install', '--prefix', dir].concat(options, packages), {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const startedAt = Date.now();
    const timer = setTimeout(() => child.kill('SIGKILL'), FETCH_TIMEOUT_MS);
    const heartbeat = setInterval(() => {
      console.error(
        `[setup] Node ${MAJOR}: still fetching (${Math.round((Date.now() - startedAt) / 1000)} s)`,
      );
    }, HEARTBEAT_MS);
    const onExit = () => child.kill('SIGTERM');
    process.once('exit', onExit);
    let complaint = '';
    child.stderr.on('data', (chunk) => {
      complaint += chunk;
    });
    const end = (problem) => {
      clearTimeout(timer);
      clearInterval(heartbeat);
      process.removeListener('exit', onExit);
      if (problem === null) resolve();
      else reject(new Error(problem));
    };
    child.on('error', (error) => end(`npm could not be started: ${error.message}`));
    child.on('close', (code) => {
      const lines = complaint.trim().split('\n').slice(0, COMPLAINT_LINES).join('\n');
      end(code === 0 ? null : `npm could not fetch ${packages.join(' and ')}:\n${lines}`);
    });
  });
}

async function fetchNode(home, name) {
  const temp = `${home}.tmp-${process.pid}`;
  removeLeftovers(path.dirname(home));
  fs.mkdirSync(temp, { recursive: true });
  const stop = (code) => () => process.exit(code);
  const onInt = stop(130);
  const onTerm = stop(143);
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  const clean = () => removeDir(temp);
  process.once('exit', clean);
  try {
    // An npm of its own as well: the one of an old Node may be too old for the lock file.
    await npmInstall(temp, [`${name}@${MAJOR}`, 'npm@11']);
    const probe = childProcess.spawnSync(path.join(temp, 'node_modules', name, 'bin', 'node'), ['--version']);
    if (probe.status !== 0 || !isNewEnough(String(probe.stdout))) {
      throw new Error(
        `the fetched Node does not run here: ${probe.error ? probe.error.message : probe.stderr}`,
      );
    }
    // npm's launcher must be found beside `node`, where PATH will look for it.
    const bin = path.join(temp, 'node_modules', name, 'bin');
    fs.symlinkSync('../../npm/bin/npm-cli.js', path.join(bin, 'npm'));
    fs.symlinkSync('../../npm/bin/npx-cli.js', path.join(bin, 'npx'));
    try {
      fs.renameSync(temp, home);
    } catch (error) {
      // Another set-up was faster; its copy serves as well.
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    }
  } finally {
    process.removeListener('SIGINT', onInt);
    process.removeListener('SIGTERM', onTerm);
    process.removeListener('exit', clean);
    clean();
  }
}

/** The path of a Node >= 24, fetched on first use. Rejects with a message that says what to do. */
async function ensureNode() {
  if (isNewEnough(process.versions.node)) return process.execPath;
  const name = `node-${process.platform}-${process.arch}`;
  const home = path.join(cacheDir(), 'node', `v${MAJOR}-${process.platform}-${process.arch}`);
  const bin = path.join(home, 'node_modules', name, 'bin', 'node');
  if (fs.existsSync(bin)) return bin;
  const started = Date.now();
  const have = `this is ${process.version}`;
  console.error(`[setup] Node ${MAJOR} (${have}): fetching from the npm registry, usually 10 s`);
  try {
    await fetchNode(home, name);
  } catch (error) {
    const remedy = `Check the network and run the same command again, or install Node ${MAJOR} from https://nodejs.org`;
    throw new Error(`Barrage needs Node ${MAJOR} or newer, ${have}. ${error.message}\n\n  ${remedy}\n`);
  }
  console.error(`[setup] Node ${MAJOR}: done in ${Math.round((Date.now() - started) / 1000)} s`);
  return bin;
}

module.exports = { cacheDir, ensureNode, isNewEnough };
