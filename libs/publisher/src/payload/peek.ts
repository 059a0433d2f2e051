/** The first `bytes` bytes of a body (fewer when it ends before), and the whole body again. */
export async function peek(
  body: AsyncGenerator<Buffer, void, undefined>,
  bytes: number,
): Promise<{ readonly head: Buffer; readonly body: AsyncGenerator<Buffer, void, undefined> }> {
  const seen: Buffer[] = [];
  let length = 0;
  let ended = false;
  while (length < bytes && !ended) {
    const next = await body.next();
    if (next.done === true) ended = true;
    else {
      seen.push(next.value);
      length += next.value.length;
    }
  }
  const head = Buffer.concat(seen).subarray(0, bytes);
  return { head, body: again(seen, body) };
}

async function* again(
  seen: readonly Buffer[],
  rest: AsyncGenerator<Buffer, void, undefined>,
): AsyncGenerator<Buffer, void, undefined> {
  try {
    yield* seen;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
