"""Texts by which somebody who names a branch, a file or a commit might try to be obeyed."""

from __future__ import annotations

from hypothesis import strategies as st

COMMANDS = [
    "::error::boom",
    "  \u00a0::set-output name=url::https://evil.test",
    "::stop-commands::x",
    "::add-mask::a",
    "text ##[error]boom",
    "##[set-output name=url;]https://evil.test",
    "###[group]x",
    "##vso[task.setvariable variable=url;isOutput=true]https://evil.test",
    "a ##vso[task.complete result=Failed]",
    "####vso[task.setvariable variable=x]y",
    "##teamcity[setParameter name='env.PAGES_DEPLOY_URL' value='evil']",
    "\x1b[0Ksection_start:1:evil[collapsed=true]\r\x1b[0Kx",
    "section_end:1:pages_deploy\r\x1b[0K",
    "travis_fold:end:pages_deploy\r\x1b[0K",
]
ENDINGS = [
    "x\n::error::boom ##vso[task.complete result=Failed]",
    "x\r::error::boom",
    "x\r\n::error::boom",
    "x\x85::error::boom",
    "x\u2028::error::boom",
    "x\u2029##vso[task.complete]",
    "\x00\x0b\x0c\x1c::error::boom",
    "x\nEOF\nadmin=true",
    "x\nPAGES_DEPLOY_URL=https://evil.test",
    "\u200b::error::boom",
    "#\u200b#vso[task.complete result=Failed]",
]
MARKUP = [
    "a | b |\n| c | d",
    "\\| \\\\| \\",
    "`id` ``x`` $(id) ${x} \"q\" 'q'",
    "@everyone @octocat @org/team \\@all @_under @.dot",
    "<img src=x onerror=alert(1)><!-- --></details><script>",
    "&lt;b&gt; &#64;all &commat;all",
    "[a](https://evil.test) ![a](https://evil.test/i.png) [a]: https://evil.test",
    "<https://evil.test> https://evil.test www.evil.test a@evil.test ftp://evil.test",
    "_http://evil.test 1https://evil.test \u65e5https://evil.test _www.evil.test",
    "# **a** __b__ ~~c~~ *d* > e - f 1. g +h",
    "#1 GH-2 acme/site#3 \\#4",
    "'; rm -rf / #",
    "|'|n|]",
    "%0A::error::x %25 %AZP25 %0D%3B]x;y=z",
    "a=b:c#d!e\\u0041",
    " leading and trailing ",
    "\u202egnp.exe\u2066 \u061c \u200f",
    "\x1b[31mred\x1b[0m\x1b]8;;https://evil.test\x07link\x1b]8;;\x07",
    "\U0001f680 \u00fcn\u00ef \u65e5\u672c",
    "\ud800 \udcff \udc80",
    "",
]
TEXTS = [*COMMANDS, *ENDINGS, *MARKUP]

# Any text, and the pieces above in any order with any text between.
hostile_texts = st.lists(
    st.sampled_from(TEXTS) | st.text(st.characters(), max_size=6), max_size=5
).map("".join)
