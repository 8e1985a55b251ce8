-- A small course, complete: what a module is made of, and what each service can be tried with.

INSERT INTO learning.modules (
    id, language_id, slug, title, description, difficulty, estimated_minutes, position, is_published
)
VALUES (
    'c0de0000-0000-4000-8001-000000000001', 'c0de0000-0000-4000-8000-000000000001', 'first-steps', 'First steps',
    'Values, names and functions: enough to write a program that answers something.', 'BEGINNER', 45, 0, TRUE
)
ON CONFLICT (id) DO NOTHING;

INSERT INTO learning.materials (
    id, module_id, type, title, body, url, code, duration_seconds, position, is_published
)
VALUES
(
    'c0de0000-0000-4000-8002-000000000001', 'c0de0000-0000-4000-8001-000000000001', 'ARTICLE',
    'Values and names',
    $body$A program works with **values**: numbers such as `42`, texts such as `"hello"`, and `True` or `False`.

A **name** stands for a value:

```python
price = 12
count = 3
total = price * count
```

The name on the left stands for what is on the right from then on. `total` is 36, and it stays 36 when `count` is given
another value later: a name stands for a value, not for a formula.

Texts are put together with f-strings: `f"{count} for {total}"` is `"3 for 36"`.$body$,
    NULL, NULL, NULL, 0, TRUE
),
(
    'c0de0000-0000-4000-8002-000000000002', 'c0de0000-0000-4000-8001-000000000001', 'VIDEO',
    'Your first program, line by line',
    NULL, 'https://media.codezest.example/python/first-program.mp4', NULL, 312, 1, TRUE
),
(
    'c0de0000-0000-4000-8002-000000000003', 'c0de0000-0000-4000-8001-000000000001', 'CODE_EXAMPLE',
    'A function with a choice',
    'A function gives a name to steps. What comes after `return` is its answer.', NULL,
    $code${
        "language": "python",
        "source": "def ticket_price(age):\n    if age < 6:\n        return 0\n    if age < 18:\n        return 5\n    return 8\n\n\nprint(ticket_price(30))\n",
        "output": "8\n"
    }$code$,
    NULL, 2, TRUE
),
(
    'c0de0000-0000-4000-8002-000000000004', 'c0de0000-0000-4000-8001-000000000001', 'INTERACTIVE',
    'Try it: change the prices',
    'Change the function so that people of 65 and older pay 6.', NULL,
    $code${
        "language": "python",
        "source": "def ticket_price(age):\n    if age < 6:\n        return 0\n    if age < 18:\n        return 5\n    return 8\n"
    }$code$,
    NULL, 3, TRUE
)
ON CONFLICT (id) DO NOTHING;

INSERT INTO learning.assignments (
    id, module_id, title, description, difficulty, starter_code, solution_code, test_cases, time_limit_ms,
    memory_limit_mb, max_score, max_attempts, position
)
VALUES (
    'c0de0000-0000-4000-8003-000000000001', 'c0de0000-0000-4000-8001-000000000001', 'Count the vowels',
    $body$Read one line of text, and print how many of its letters are vowels (a, e, i, o, u), small or capital.

For `Hello World` print `3`.$body$,
    'BEGINNER',
    E'text = input()\n# print how many vowels it has\n',
    E'text = input()\nprint(sum(letter in "aeiou" for letter in text.lower()))\n',
    $cases$[
        {"name": "the example", "input": "Hello World\n", "expected_output": "3\n", "is_hidden": false},
        {"name": "no vowel", "input": "rhythm\n", "expected_output": "0\n", "is_hidden": false},
        {"name": "capitals", "input": "AEIOU aeiou\n", "expected_output": "10\n", "is_hidden": true},
        {"name": "nothing", "input": "\n", "expected_output": "0\n", "is_hidden": true}
    ]$cases$,
    2000, 64, 100, 20, 0
)
ON CONFLICT (id) DO NOTHING;

INSERT INTO learning.mcq_quizzes (
    id, module_id, title, description, difficulty, time_limit_seconds, passing_percent, max_attempts,
    shuffle_questions
)
VALUES (
    'c0de0000-0000-4000-8004-000000000001', 'c0de0000-0000-4000-8001-000000000001', 'What have you learned?',
    'Three questions on values, names and functions.', 'BEGINNER', 600, 60, 5, TRUE
)
ON CONFLICT (id) DO NOTHING;

INSERT INTO learning.mcq_questions (id, quiz_id, prompt, code_snippet, explanation, points, position)
VALUES
(
    'c0de0000-0000-4000-8005-000000000001', 'c0de0000-0000-4000-8004-000000000001',
    'What does this program print?',
    E'a = 2\nb = a\na = 5\nprint(b)\n',
    'b stands for the value that a had when the second line ran. What a stands for later does not matter.', 1, 0
),
(
    'c0de0000-0000-4000-8005-000000000002', 'c0de0000-0000-4000-8004-000000000001',
    'What is "3" + "4"?', NULL,
    'Both are texts, and + puts texts together. int("3") + int("4") would be 7.', 1, 1
),
(
    'c0de0000-0000-4000-8005-000000000003', 'c0de0000-0000-4000-8004-000000000001',
    'What is the value of answer?',
    E'def double(n):\n    n * 2\n\nanswer = double(4)\n',
    'The function computes 8 and does not return it. Without return a function answers None.', 2, 2
)
ON CONFLICT (id) DO NOTHING;

INSERT INTO learning.mcq_options (id, question_id, body, is_correct, position)
VALUES
('c0de0000-0000-4000-8006-000000000001', 'c0de0000-0000-4000-8005-000000000001', '2', TRUE, 0),
('c0de0000-0000-4000-8006-000000000002', 'c0de0000-0000-4000-8005-000000000001', '5', FALSE, 1),
('c0de0000-0000-4000-8006-000000000003', 'c0de0000-0000-4000-8005-000000000001', 'a', FALSE, 2),
('c0de0000-0000-4000-8006-000000000004', 'c0de0000-0000-4000-8005-000000000002', '7', FALSE, 0),
('c0de0000-0000-4000-8006-000000000005', 'c0de0000-0000-4000-8005-000000000002', '"34"', TRUE, 1),
('c0de0000-0000-4000-8006-000000000006', 'c0de0000-0000-4000-8005-000000000002', 'an error', FALSE, 2),
('c0de0000-0000-4000-8006-000000000007', 'c0de0000-0000-4000-8005-000000000003', '8', FALSE, 0),
('c0de0000-0000-4000-8006-000000000008', 'c0de0000-0000-4000-8005-000000000003', '4', FALSE, 1),
('c0de0000-0000-4000-8006-000000000009', 'c0de0000-0000-4000-8005-000000000003', 'None', TRUE, 2)
ON CONFLICT (id) DO NOTHING;
