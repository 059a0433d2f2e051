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

/** Linux gives times in ticks of a hundredth of a second, whatever the kernel's own clock. */
const TICKS_PER_SECOND = 100;

/** Processor time a process has used so far, in seconds (Linux); null where it cannot be known. */
export function cpuSecondsOf(pid: number): number | null {
  try {
    // The command's name, in parentheses, may hold blanks: count from behind it. User and system time are fields 14 and 15.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return null;
  }
}
