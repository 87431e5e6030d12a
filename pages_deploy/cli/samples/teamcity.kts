// TeamCity (.teamcity/settings.kts). The value of the password parameter is a token that TeamCity
// makes for the secret: "Generate token for a secure value" in the project's menu. The agent has
// Python 3.11 or newer. docs/recipes.md tells how pages-deploy.txt is made.
import jetbrains.buildServer.configs.kotlin.*
import jetbrains.buildServer.configs.kotlin.buildSteps.script
import jetbrains.buildServer.configs.kotlin.triggers.vcs

version = "2025.03"

project {
    buildType(Publish)
}

object Publish : BuildType({
    name = "Publish"
    artifactRules = "pages.json"

    params {
        password("env.CLOUDFLARE_API_TOKEN", "credentialsJSON:REPLACE-ME", display = ParameterDisplay.HIDDEN)
    }

    vcs {
        root(DslContext.settingsRoot)
    }

    steps {
        script {
            name = "Publish"
            scriptContent = """
                set -e
                ./build.sh # makes the site in dist/
                pip install --require-hashes --only-binary=:all: --requirement pages-deploy.txt
                pages-deploy dist --project-name my-site --json-file pages.json
            """.trimIndent()
        }
    }

    triggers {
        vcs {
        }
    }

    failureConditions {
        executionTimeoutMin = 15
    }
})
