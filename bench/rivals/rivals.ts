// Every rival the bench knows. To add one: describe it here, name it in a scenario's `rivals`, and give that
// scenario an adapter for it.
import { npmRival, type Rival, systemRival } from './rival.ts';

export const RIVALS: readonly Rival[] = [
  npmRival({ name: 'socket.io', title: 'Socket.IO', package: 'socket.io' }),
  npmRival({ name: 'ws', title: 'plain ws loop', package: 'ws' }),
  npmRival({ name: 'ws-batched', title: 'ws loop with ticks of 50 ms', package: 'ws' }),
  systemRival({
    name: 'mosquitto',
    title: 'mosquitto over WebSocket',
    program: 'mosquitto',
    debianPackages: ['mosquitto'],
  }),
  systemRival({ name: 'janus', title: 'Janus', program: 'janus', debianPackages: ['janus'] }),
  systemRival({ name: 'nginx', title: 'nginx', program: 'nginx', debianPackages: ['nginx'] }),
  systemRival({
    name: 'nginx-rtmp',
    title: 'nginx-rtmp',
    program: 'nginx',
    file: '/usr/lib/nginx/modules/ngx_rtmp_module.so',
    debianPackages: ['nginx', 'libnginx-mod-rtmp'],
  }),
];
