"""The table of options: what each is called in every place where it may be set.

A new option is one row here. Flags, inputs, variables, `--help` and docs/options.md follow
from it or are tested against it.
"""

from __future__ import annotations

from pages_deploy.api import connection_variables as variables
from pages_deploy.api.transport import API_BASE_URL as CLOUDFLARE_API
from pages_deploy.api.transport import READ_TIMEOUT_SECONDS
from pages_deploy.ci.detection import NAMES
from pages_deploy.deploy.plan import DOMAINS_MODES
from pages_deploy.deploy.purge import WHAT
from pages_deploy.deploy.waiting import DEFAULT_TIMEOUT_SECONDS
from pages_deploy.proof.proof import MODES
from pages_deploy.settings.option import Option
from pages_deploy.upload.missing import DEFAULT_CONCURRENCY

DIRECTORY = Option(
    "DIRECTORY",
    "The build directory, relative to the working directory.",
    flag=False,
    positional=True,
    input="directory",
    needed=True,
    group="needed",
)
WORKING_DIRECTORY = Option(
    "WORKING_DIRECTORY",
    "Where to run; the build directory is relative to it.",
    input="workingDirectory",
    group="often",
)
API_TOKEN = Option(
    "API_TOKEN",
    "The Cloudflare API token, with the permission Account > Cloudflare Pages > Edit.",
    variables.API_TOKEN,
    flag=False,
    input="apiToken",
    secret=True,
    kind="word",
    needed=True,
    group="needed",
)
API_KEY = Option(
    "API_KEY",
    "The legacy global API key, for use with EMAIL where there is no token.",
    variables.API_KEY,
    flag=False,
    secret=True,
    kind="word",
    group="rare",
)
EMAIL = Option(
    "EMAIL",
    "The e-mail address that belongs to the legacy key.",
    variables.EMAIL,
    flag=False,
    kind="word",
    group="rare",
)
ACCOUNT_ID = Option(
    "ACCOUNT_ID",
    "The Cloudflare account; by default the only one that the token sees.",
    variables.ACCOUNT_ID,
    input="accountId",
    kind="id",
    group="often",
)
PROJECT_NAME = Option(
    "PROJECT_NAME",
    "The Pages project; by default the `name` in wrangler's configuration file.",
    ("CLOUDFLARE_PROJECT_NAME", "CF_PROJECT"),
    input="projectName",
    kind="project",
    needed=True,
    group="needed",
)
CREATE_PROJECT = Option(
    "CREATE_PROJECT",
    "Create the project when it does not exist.",
    input="createProject",
    kind="switch",
    default="false",
    group="often",
)
PRODUCTION_BRANCH = Option(
    "PRODUCTION_BRANCH",
    "The production branch of a project that is created.",
    input="productionBranch",
    default="main",
    group="rare",
)
BRANCH = Option(
    "BRANCH",
    "The branch to deploy as; the project's production branch makes it production. By default "
    "what the CI platform says, else git.",
    input="branch",
    group="often",
)
COMMIT_HASH = Option(
    "COMMIT_HASH",
    "The commit that was built; by default what the CI platform says, else git.",
    input="commitHash",
    group="rare",
)
COMMIT_MESSAGE = Option(
    "COMMIT_MESSAGE",
    "The commit's message; by default found in the same way.",
    input="commitMessage",
    free_text=True,
    group="rare",
)
COMMIT_DIRTY = Option(
    "COMMIT_DIRTY",
    "Whether the files differ from the commit; by default false in CI, else git's answer.",
    input="commitDirty",
    kind="switch",
    group="rare",
)
NO_FUNCTIONS = Option(
    "NO_FUNCTIONS",
    "Deploy without the `functions` directory of the working directory.",
    input="noFunctions",
    kind="switch",
    default="false",
    group="often",
)
FUNCTIONS = Option(
    "FUNCTIONS",
    "The directory of Pages Functions; by default `functions` of the working directory.",
    input="functions",
    group="often",
)
NO_BUNDLE = Option(
    "NO_BUNDLE",
    "Deploy the modules of Worker code as they are; by default only those that need no bundler.",
    input="noBundle",
    kind="switch",
    group="rare",
)
BUNDLE = Option(
    "BUNDLE",
    "Bundle Worker code with esbuild even where it may not need it.",
    input="bundle",
    kind="switch",
    group="rare",
)
WORKER_BUNDLE = Option(
    "WORKER_BUNDLE",
    "A Worker that `wrangler pages functions build --outfile FILE` has bundled.",
    input="workerBundle",
    group="rare",
)
ESBUILD = Option(
    "ESBUILD",
    "The esbuild program, for Worker code that needs bundling; by default that of PATH, else of "
    "`node_modules`.",
    input="esbuild",
    group="rare",
)
WORKERD = Option(
    "WORKERD",
    "The workerd program, which starts the Worker once before the upload, and runs it in `preview` "
    "and `emulator`; by default that of PATH, else of `node_modules`. It is never needed.",
    input="workerd",
    group="rare",
)
PROBE = Option(
    "PROBE",
    "What the Worker has to answer after the deployment, as `/path=status`, one a line; by default "
    "one of its routes is asked, and may answer anything but a failure of its own.",
    input="probe",
    repeated=True,
    group="rare",
)
UPLOAD_SOURCE_MAPS = Option(
    "UPLOAD_SOURCE_MAPS",
    "Upload the source map of a bundled Worker; by default as the configuration file says.",
    input="uploadSourceMaps",
    kind="switch",
    group="rare",
)
PREFLIGHT = Option(
    "PREFLIGHT",
    "What to do with what is found before anything is sent: nothing, warn, or stop. What Pages "
    "would refuse stops in any case.",
    input="preflight",
    kind="choice",
    choices=("off", "warn", "error"),
    default="warn",
    group="often",
)
EXCLUDE = Option(
    "EXCLUDE",
    "What not to deploy, as patterns in gitignore's syntax, one a line, after those of "
    "`.assetsignore` in the build directory.",
    input="exclude",
    free_text=True,
    repeated=True,
    group="often",
)
CONTENT_TYPE = Option(
    "CONTENT_TYPE",
    "As which type to upload files, as `PATTERN=TYPE`, one a line, the pattern in gitignore's "
    "syntax; the last that matches decides. By default the file's name does.",
    input="contentType",
    free_text=True,
    repeated=True,
    group="rare",
)
ALLOW_SECRETS = Option(
    "ALLOW_SECRETS",
    "Deploy even what looks like a secret: `.env`, private keys, tokens and so on.",
    input="allowSecrets",
    kind="switch",
    default="false",
    group="often",
)
SKIP_CACHING = Option(
    "SKIP_CACHING",
    "Upload every file, even those that Pages already has.",
    input="skipCaching",
    kind="switch",
    default="false",
    group="rare",
)
CONCURRENCY = Option(
    "CONCURRENCY",
    "How many upload requests run at once.",
    input="concurrency",
    kind="count",
    default=str(DEFAULT_CONCURRENCY),
    trusts_env_file=True,
    group="rare",
)
TIMEOUT = Option(
    "TIMEOUT",
    "Seconds from the deployment's creation to its final stage.",
    input="timeout",
    kind="seconds",
    default=f"{DEFAULT_TIMEOUT_SECONDS:g}",
    trusts_env_file=True,
    group="often",
)
REQUEST_TIMEOUT = Option(
    "REQUEST_TIMEOUT",
    "How long a server may be silent within one request, in seconds.",
    input="requestTimeout",
    kind="seconds",
    default=f"{READ_TIMEOUT_SECONDS:g}",
    trusts_env_file=True,
    group="rare",
)
VERIFY = Option(
    "VERIFY",
    "What to ask the deployed address for before the run is green: a sample (the root, one file of "
    "each type, up to 20 of the new ones), all, or nothing.",
    input="verify",
    kind="choice",
    choices=MODES,
    default="sample",
    group="often",
)
VERIFY_DOMAINS = Option(
    "VERIFY_DOMAINS",
    "After a production deployment, ask each active custom domain too, as VERIFY says: warn of one "
    "that does not serve the new files, or fail. Off where VERIFY is off, unless this is given.",
    input="verifyDomains",
    kind="choice",
    choices=DOMAINS_MODES,
    group="often",
)
IF_OLDER = Option(
    "IF_OLDER",
    "What to do when production already serves a newer commit: deploy all the same, skip, or fail. "
    "By default skip on GitHub for a run that a push, a schedule, another workflow or a merge "
    "queue has started, in its first attempt; deploy everywhere else.",
    input="ifOlder",
    kind="choice",
    choices=("deploy", "skip", "fail"),
    group="often",
)
IF_UNCHANGED = Option(
    "IF_UNCHANGED",
    "What to do when exactly these files, rules and Worker code are live already: deploy them "
    "again, or skip.",
    input="ifUnchanged",
    kind="choice",
    choices=("deploy", "skip"),
    default="deploy",
    group="often",
)
CHANGES = Option(
    "CHANGES",
    "Find out which pages are new, changed or removed against production; by default where a "
    "comment or a summary shows them.",
    input="changes",
    kind="switch",
    group="forges",
)
ROLLBACK_ON_FAILURE = Option(
    "ROLLBACK_ON_FAILURE",
    "When a production deployment fails or does not serve what was sent, let production go back to "
    "the one before. The run fails all the same.",
    input="rollbackOnFailure",
    kind="switch",
    default="false",
    group="often",
)
EXPECT = Option(
    "EXPECT",
    "Refuse, before anything is sent, a deployment that would go elsewhere.",
    input="expect",
    kind="choice",
    choices=("production", "preview"),
    group="often",
)
ZONE_ID = Option(
    "ZONE_ID",
    "The zone whose cache is purged after a production deployment.",
    ("CLOUDFLARE_ZONE_ID", "CF_ZONE_ID"),
    input="zoneId",
    kind="id",
    group="often",
)
PURGE = Option(
    "PURGE",
    "What to purge: everything, hosts (the project's custom domains) or files (the uploaded ones). "
    "By default everything when a zone is given.",
    input="purge",
    kind="choice",
    choices=WHAT,
    group="often",
)
PURGE_API_TOKEN = Option(
    "PURGE_API_TOKEN",
    "A token for the purge alone; by default the API token.",
    ("CLOUDFLARE_PURGE_API_TOKEN",),
    flag=False,
    input="purgeApiToken",
    secret=True,
    kind="word",
    group="rare",
)
DRY_RUN = Option(
    "DRY_RUN",
    "Only say what would be deployed, and what is wrong with it, as `pages-deploy plan` does.",
    input="dryRun",
    kind="switch",
    default="false",
    group="often",
)
JSON_FILE = Option(
    "JSON_FILE", "Write the outputs to this file as JSON.", input="jsonFile", group="files"
)
DOTENV_FILE = Option(
    "DOTENV_FILE",
    "Write the outputs to this file as PAGES_DEPLOY_URL=... lines, for GitLab's dotenv report.",
    input="dotenvFile",
    group="files",
)
PROPERTIES_FILE = Option(
    "PROPERTIES_FILE",
    "Write the outputs to this file as Java properties, for Jenkins.",
    input="propertiesFile",
    group="files",
)
GITLAB_ANNOTATIONS_FILE = Option(
    "GITLAB_ANNOTATIONS_FILE",
    "Write links to this file for GitLab's annotations report, which shows them on the job's page.",
    input="gitlabAnnotationsFile",
    group="files",
)
REQUIRE_TOKEN = Option(
    "REQUIRE_TOKEN",
    "Fail without a token even where a fork's or Dependabot's pull request has none by design.",
    input="requireToken",
    kind="switch",
    default="false",
    group="forges",
)
GITHUB_TOKEN = Option(
    "GITHUB_TOKEN",
    "A token of GitHub, Gitea or Forgejo, for the GitHub deployment, the comment on the pull "
    "request and the comparison of commits. The variable GITHUB_TOKEN counts only where one of the "
    "first two is asked for.",
    ("GITHUB_TOKEN",),
    flag=False,
    input="gitHubToken",
    secret=True,
    group="forges",
)
GITLAB_TOKEN = Option(
    "GITLAB_TOKEN",
    "An access token of GitLab with the scope `api`, for the note on the merge request and the "
    "comparison of commits.",
    ("GITLAB_TOKEN",),
    flag=False,
    secret=True,
    group="forges",
)
GITHUB_DEPLOYMENT = Option(
    "GITHUB_DEPLOYMENT",
    "Record the deployment on GitHub; by default where GITHUB_TOKEN is given.",
    input="gitHubDeployment",
    kind="switch",
    group="forges",
)
DEPLOYMENT_NAME = Option(
    "DEPLOYMENT_NAME",
    "The environment of that record; by default `<project> (Production)` or `<project> (Preview)`.",
    input="deploymentName",
    group="forges",
)
COMMENT = Option(
    "COMMENT",
    "Keep a comment on the pull or merge request up to date; by default where GITHUB_TOKEN or "
    "GITLAB_TOKEN is given.",
    input="comment",
    kind="switch",
    group="forges",
)
SUMMARY = Option(
    "SUMMARY",
    "Write a summary of the deployment where the platform shows one.",
    input="summary",
    kind="switch",
    default="true",
    trusts_env_file=True,
    group="forges",
)
COMMAND = Option(
    "COMMAND",
    "For workflows that come from wrangler-action: `pages deploy DIR --project-name=NAME ...`.",
    flag=False,
    input="command",
    free_text=True,
    group="rare",
)
API_BASE_URL = Option(
    "API_BASE_URL",
    "The API to talk to, for an emulator or a gateway.",
    variables.API_BASE_URL,
    input="apiBaseUrl",
    default=CLOUDFLARE_API,
    kind="address",
    group="rare",
)
ENV_FILE = Option(
    "ENV_FILE", "The file with variables for local use.", default=".env", group="rare"
)
CI = Option(
    "CI", "The CI platform, instead of its detection.", kind="choice", choices=NAMES, group="rare"
)

# In the order of `--help`.
OPTIONS = (
    DIRECTORY,
    WORKING_DIRECTORY,
    API_TOKEN,
    API_KEY,
    EMAIL,
    ACCOUNT_ID,
    PROJECT_NAME,
    CREATE_PROJECT,
    PRODUCTION_BRANCH,
    BRANCH,
    COMMIT_HASH,
    COMMIT_MESSAGE,
    COMMIT_DIRTY,
    EXPECT,
    NO_FUNCTIONS,
    FUNCTIONS,
    NO_BUNDLE,
    BUNDLE,
    WORKER_BUNDLE,
    ESBUILD,
    WORKERD,
    PROBE,
    UPLOAD_SOURCE_MAPS,
    PREFLIGHT,
    EXCLUDE,
    CONTENT_TYPE,
    ALLOW_SECRETS,
    SKIP_CACHING,
    CONCURRENCY,
    TIMEOUT,
    REQUEST_TIMEOUT,
    VERIFY,
    VERIFY_DOMAINS,
    IF_OLDER,
    IF_UNCHANGED,
    CHANGES,
    ROLLBACK_ON_FAILURE,
    ZONE_ID,
    PURGE,
    PURGE_API_TOKEN,
    DRY_RUN,
    JSON_FILE,
    DOTENV_FILE,
    PROPERTIES_FILE,
    GITLAB_ANNOTATIONS_FILE,
    REQUIRE_TOKEN,
    GITHUB_TOKEN,
    GITLAB_TOKEN,
    GITHUB_DEPLOYMENT,
    DEPLOYMENT_NAME,
    COMMENT,
    SUMMARY,
    COMMAND,
    API_BASE_URL,
    ENV_FILE,
    CI,
)
