import { readFileSync } from 'node:fs';

/** Highest resident memory a process ever had, in bytes (Linux: VmHWM); null where it cannot be known. */
export function peakRssOf(pid: number): number | null {
  try {
    const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match ? Number(match[1]) * 1024 : null;
  } catch {
    return null;
  }
}
