export { planQuestions, stampsOf, type Question } from '@freshet/publisher';
