/** bigint as a JavaScript number: counts, bytes and generation numbers stay far below 2^53. */
export const asNumber = {
  to: (value: number | null | undefined): number | null | undefined => value,
  from: (value: string | number | null): number | null => (value === null ? null : Number(value)),
};
