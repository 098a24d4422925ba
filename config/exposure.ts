// Refuses to face the network by accident: a public address wants TLS and real secrets, or a setting that says
// it is meant. Pure.
import { BarrageError } from '../core/errors.ts';
import type { Config } from './schema.ts';

const WEAK_LENGTH = 16;
const COMMON = new Set(['changeme', 'password', 'secret', 'admin', 'barrage', 'default', 'test']);

/** Whether an address is reachable from this machine only. Names other than `localhost` count as public. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(bare);
}

/** Whether a secret is short, common or made of very few different characters. */
export function isWeakSecret(secret: string): boolean {
  const folded = secret.toLowerCase().replaceAll(/[\d\W_]+/g, '');
  return secret.length < WEAK_LENGTH || COMMON.has(folded) || new Set(secret).size < 6;
}

/**
 * Checks what is listened on against TLS and secrets.
 * @throws BarrageError `CONFIG_INVALID` naming every reason, unless `insecurePublic` is set.
 */
export function requireSafeExposure(config: Config): void {
  const reasons = findExposures(config);
  if (reasons.length === 0 || config.insecurePublic) return;
  throw new BarrageError(
    'CONFIG_INVALID',
    `${reasons.join('\n')}\nTo do it all the same (a trusted network, or TLS ended elsewhere) add --insecure-public.`,
  );
}

/** Every reason why the configuration is unsafe to expose; empty when nothing public is. */
export function findExposures(config: Config): string[] {
  const { http, rtmp, auth } = config;
  const reasons: string[] = [];
  if (!isLoopback(http.host) && !http.tls.cert) {
    reasons.push(
      `http.host ${http.host} is public, but there is no TLS: set http.tls.cert and http.tls.key.`,
    );
  }
  if (!isLoopback(rtmp.host)) {
    reasons.push(`rtmp.host ${rtmp.host} is public, and RTMP carries stream keys without TLS.`);
  }
  if (isLoopback(http.host) && isLoopback(rtmp.host)) return reasons;
  const secrets = { 'auth.adminToken': auth.adminToken, 'auth.jwt.secret': auth.jwt.secret };
  for (const [name, secret] of Object.entries(secrets)) {
    if (secret !== undefined && isWeakSecret(secret)) {
      reasons.push(
        `${name} is too weak for a public address: use ${WEAK_LENGTH} random characters or more, or none.`,
      );
    }
  }
  return reasons;
}
