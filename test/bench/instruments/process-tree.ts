// What /proc says of a tree of processes, against processes whose holdings are known.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { CpuAccount } from '../../../bench/instruments/cpu-account.ts';
import { readProcess, treeResources } from '../../../bench/instruments/process-tree.ts';

const HOLDER = `
  const { createServer } = require('node:net');
  const { createSocket } = require('node:dgram');
  const child = require('node:child_process').spawn('sleep', ['60']);
  const server = createServer().listen(0, '127.0.0.1', () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1', () => {
      console.log('ready');
      const end = Date.now() + 300;
      while (Date.now() < end);
      console.log('worked');
    });
  });
  process.stdin.on('end', () => { child.kill(); process.exit(); }).resume();
`;

t.test('a tree of two processes with one TCP and one UDP socket is seen as that', async (t) => {
  const holder = spawn(process.execPath, ['-e', HOLDER], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => holder.stdin.end());
  await once(holder.stdout, 'data');
  const resources = treeResources(holder.pid ?? 0);
  t.match(resources, { udpSockets: 1, tcpListening: 1, tcpConnected: 0 });
  t.ok(
    resources.processes.some(({ name }) => name === 'sleep'),
    'children are in it',
  );
  t.ok(resources.rssBytes > 10_000_000 && resources.descriptors > 5, 'memory and descriptors are counted');
});

t.test('CPU time is booked under the label of its tree', async (t) => {
  const holder = spawn(process.execPath, ['-e', HOLDER], { stdio: ['pipe', 'pipe', 'inherit'] });
  t.teardown(() => holder.stdin.end());
  const account = new CpuAccount({ holder: () => holder.pid ?? 0 });
  let output = '';
  for await (const chunk of holder.stdout) {
    output += String(chunk);
    if (output.includes('worked')) break;
  }
  const { cpuSeconds } = account.read();
  const booked = Object.entries(cpuSeconds).filter(([label]) => label.startsWith('holder/'));
  t.ok(booked.length >= 1, Object.keys(cpuSeconds).join());
  t.ok(booked.reduce((sum, [, seconds]) => sum + seconds, 0) > 0.05, 'it worked for a third of a second');
});

t.test('a process that is gone is not there', async (t) => {
  const child = spawn('true');
  await once(child, 'close');
  t.equal(readProcess(child.pid ?? 0), undefined);
  t.same(treeResources(child.pid ?? 0).processes, []);
});
