import { attemptOfStaging, chunkIndex, generationTable, parentTable, readerView, stagingTable } from './names';

const taskId = '0b2f6c1e-8a54-4d57-9d2f-3f7a6f2f9c11';

describe('names of tables', () => {
  it('tell what they hold', () => {
    expect(stagingTable({ taskId, attempt: 3 }, 'mv_war')).toEqual([
      'freshet_stage',
      '0b2f6c1e8a544d579d2f3f7a6f2f9c11_3_mv_war',
    ]);
    expect(generationTable('bsee.war', 'mv_war', 12)).toEqual(['freshet_data', 'bsee.mv_war@12']);
    expect(readerView('bsee.war', 'mv_war')).toEqual(['bsee', 'mv_war']);
  });

  it('give the attempt back', () => {
    expect(attemptOfStaging(stagingTable({ taskId, attempt: 12 }, 'x')[1])).toEqual({ taskId, attempt: 12 });
    expect(attemptOfStaging('something_else')).toBeNull();
  });

  it('fit into 63 bytes and stay different where resources have long names', () => {
    const long = 'mv_war_tubular_summaries_of_all_wells_in_the_gulf_of_america_';
    for (const make of [
      (name: string) => stagingTable({ taskId, attempt: 123 }, name),
      (name: string) => generationTable('iso-ne.war', name, 9_999_999_999),
    ]) {
      const [one, other] = [make(`${long}1`)[1], make(`${long}2`)[1]];
      expect(Buffer.byteLength(one)).toBeLessThanOrEqual(63);
      expect(one).not.toBe(other);
    }
    const indexes = ['mv_war_main', 'mv_war_main_prop'].map((name) =>
      chunkIndex(stagingTable({ taskId, attempt: 1 }, name)),
    );
    expect(Buffer.byteLength(indexes[0] as string)).toBeLessThanOrEqual(63);
    expect(indexes[0]).not.toBe(indexes[1]);
    expect(generationTable('iso-ne.war', long, 7)[1]).toBe(`${parentTable('iso-ne.war', long)[1]}@7`);
  });
});
