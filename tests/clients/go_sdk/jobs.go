package main

import (
	"cmp"
	"slices"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/service/compute"
	"github.com/databricks/databricks-sdk-go/service/dashboards"
	"github.com/databricks/databricks-sdk-go/service/jobs"
	"github.com/databricks/databricks-sdk-go/service/pipelines"
	"github.com/databricks/databricks-sdk-go/service/settings"
	"github.com/databricks/databricks-sdk-go/service/sql"
)

func newJob(request jobs.CreateJob) int64 {
	return must(w.Jobs.Create(ctx, request)).JobId
}

// job reads all pages of a job; GetByJobId would only give the first.
func job(id int64) *jobs.Job { return must(w.Jobs.Get(ctx, jobs.GetJobRequest{JobId: id})) }

func book(key string) jobs.Task {
	return jobs.Task{TaskKey: key, NotebookTask: &jobs.NotebookTask{NotebookPath: "/Shared/x"}}
}

func after(keys ...string) []jobs.TaskDependency {
	return each(keys, func(key string) jobs.TaskDependency { return jobs.TaskDependency{TaskKey: key} })
}

func someWarehouse() string {
	return must(w.Warehouses.ListAll(ctx, sql.ListWarehousesRequest{}))[0].Id
}

func someQuery(name string) string {
	return must(w.Queries.Create(ctx, sql.CreateQueryRequest{Query: &sql.CreateQueryRequestQuery{
		DisplayName: name, QueryText: "select 1", WarehouseId: someWarehouse()}})).Id
}

func somePipeline(name string) string {
	return must(w.Pipelines.Create(ctx, pipelines.CreatePipeline{Name: name, Libraries: []pipelines.PipelineLibrary{
		{Notebook: &pipelines.NotebookLibrary{Path: "/Shared/x"}}}})).PipelineId
}

func someDashboard(name string) *dashboards.Dashboard {
	return must(w.Lakeview.Create(ctx, dashboards.CreateDashboardRequest{Dashboard: dashboards.Dashboard{
		DisplayName: name, SerializedDashboard: `{"pages":[]}`}}))
}

func someDestination(name string) string {
	return must(w.NotificationDestinations.Create(ctx, settings.CreateNotificationDestinationRequest{DisplayName: name,
		Config: &settings.Config{Email: &settings.EmailConfig{Addresses: []string{"a@lakeside.example"}}}})).Id
}

// jobOfManyTypes refers to a thing of each kind.
func jobOfManyTypes(other int64, existing string) jobs.CreateJob {
	warehouse, destination := someWarehouse(), someDestination("of jobs")
	onlyOne := &compute.ClusterSpec{SparkVersion: spark, NodeTypeId: nodeType, NumWorkers: 1}
	call := &jobs.RunJobTask{JobId: other, JobParameters: map[string]string{"p": "2"}}
	ofSql := func(key string, task jobs.SqlTask) jobs.Task {
		task.WarehouseId = warehouse
		return jobs.Task{TaskKey: key, SqlTask: &task}
	}
	query := someQuery("of jobs")
	return jobs.CreateJob{
		Name: "many types", MaxConcurrentRuns: 4, Tags: map[string]string{"team": "core"}, Description: "d", TimeoutSeconds: 60,
		JobClusters:          []jobs.JobCluster{{JobClusterKey: "main", NewCluster: onlyOne}},
		Environments:         []jobs.JobEnvironment{{EnvironmentKey: "env", Spec: &compute.Environment{EnvironmentVersion: "2"}}},
		Parameters:           []jobs.JobParameterDefinition{{Name: "p", Default: "1"}},
		Queue:                &jobs.QueueSettings{Enabled: true},
		EmailNotifications:   &jobs.JobEmailNotifications{OnFailure: []string{"a@lakeside.example"}},
		WebhookNotifications: &jobs.WebhookNotifications{OnFailure: []jobs.Webhook{{Id: destination}}},
		Health: &jobs.JobsHealthRules{Rules: []jobs.JobsHealthRule{{Metric: jobs.JobsHealthMetricRunDurationSeconds,
			Op: jobs.JobsHealthOperatorGreaterThan, Value: 60}}},
		Schedule: &jobs.CronSchedule{QuartzCronExpression: "0 0 2 * * ?", TimezoneId: "UTC", PauseStatus: jobs.PauseStatusPaused},
		Tasks: []jobs.Task{
			{TaskKey: "notebook", ExistingClusterId: existing, Libraries: []compute.Library{{Jar: "dbfs:/x.jar"}},
				NotebookTask: &jobs.NotebookTask{NotebookPath: "/Shared/x", BaseParameters: map[string]string{"a": "b"}}},
			{TaskKey: "python", DependsOn: after("wheel", "notebook"), NewCluster: onlyOne, RunIf: jobs.RunIfAllDone,
				SparkPythonTask: &jobs.SparkPythonTask{PythonFile: "/Workspace/Shared/x.py", Parameters: []string{"1"}}},
			{TaskKey: "wheel", EnvironmentKey: "env", PythonWheelTask: &jobs.PythonWheelTask{PackageName: "p", EntryPoint: "e"}},
			{TaskKey: "jar", JobClusterKey: "main", SparkJarTask: &jobs.SparkJarTask{MainClassName: "A"}, MaxRetries: -1},
			{TaskKey: "pipeline", PipelineTask: &jobs.PipelineTask{PipelineId: somePipeline("of jobs")}},
			{TaskKey: "job", RunJobTask: call},
			ofSql("query", jobs.SqlTask{Query: &jobs.SqlTaskQuery{QueryId: query}}),
			ofSql("file", jobs.SqlTask{File: &jobs.SqlTaskFile{Path: "/Shared/x.sql", Source: jobs.SourceWorkspace}}),
			ofSql("alert", jobs.SqlTask{Alert: &jobs.SqlTaskAlert{AlertId: someAlert("of jobs", query),
				Subscriptions: []jobs.SqlTaskSubscription{{DestinationId: destination}}}}),
			{TaskKey: "dashboard", DashboardTask: &jobs.DashboardTask{DashboardId: someDashboard("of jobs").DashboardId,
				WarehouseId: warehouse, Subscription: &jobs.Subscription{
					Subscribers: []jobs.SubscriptionSubscriber{{DestinationId: destination}}}}},
			{TaskKey: "dbt", EnvironmentKey: "env", DbtTask: &jobs.DbtTask{Commands: []string{"dbt run"}, WarehouseId: warehouse}},
			{TaskKey: "condition", ConditionTask: &jobs.ConditionTask{Op: jobs.ConditionTaskOpEqualTo, Left: "1", Right: "1"}},
			{TaskKey: "loop", DependsOn: []jobs.TaskDependency{{TaskKey: "condition", Outcome: "true"}},
				ForEachTask: &jobs.ForEachTask{Inputs: "[1,2]", Concurrency: 2, Task: jobs.Task{TaskKey: "inner", RunJobTask: call}}},
		},
	}
}

func jobsOfManyTypes() {
	other, existing := newJob(jobs.CreateJob{Name: "other"}), newCluster("of jobs").ClusterId
	wanted := jobOfManyTypes(other, existing)
	id := newJob(wanted)
	read := job(id)
	// The server sorts tasks, and what a task depends on.
	slices.SortFunc(wanted.Tasks, func(a, b jobs.Task) int { return cmp.Compare(a.TaskKey, b.TaskKey) })
	for _, task := range wanted.Tasks {
		slices.SortFunc(task.DependsOn, func(a, b jobs.TaskDependency) int { return cmp.Compare(a.TaskKey, b.TaskKey) })
	}
	contains("the settings", read.Settings, wanted)
	same("the job", []any{read.JobId, read.CreatorUserName, read.RunAsUserName}, []any{id, me(), me()})
	same("a default", read.Settings.Format, jobs.FormatMultiTask)
	same("run_if of a task that says nothing of it", read.Settings.Tasks[0].RunIf, jobs.RunIfAllSuccess)
	check(read.CreatedTime > 0, "a job without a time")

	// Two jobs that call each other: only an update can close the circle.
	done(w.Jobs.Update(ctx, jobs.UpdateJob{JobId: other, NewSettings: &jobs.JobSettings{
		Tasks: []jobs.Task{{TaskKey: "back", RunJobTask: &jobs.RunJobTask{JobId: id}}}}}))
	same("the job called back", job(other).Settings.Tasks[0].RunJobTask.JobId, id)
	forget(existing)
}

func jobsRefused() {
	sqlTask := func(task jobs.SqlTask) jobs.Task { return jobs.Task{TaskKey: "a", SqlTask: &task} }
	missing := map[string]jobs.Task{
		"404":          {TaskKey: "a", RunJobTask: &jobs.RunJobTask{JobId: 404}},
		"no-pipeline":  {TaskKey: "a", PipelineTask: &jobs.PipelineTask{PipelineId: "no-pipeline"}},
		"no-warehouse": sqlTask(jobs.SqlTask{WarehouseId: "no-warehouse", File: &jobs.SqlTaskFile{Path: "/Shared/x.sql"}}),
		"no-query":     sqlTask(jobs.SqlTask{WarehouseId: someWarehouse(), Query: &jobs.SqlTaskQuery{QueryId: "no-query"}}),
		"no-cluster":   {TaskKey: "a", ExistingClusterId: "no-cluster", NotebookTask: &jobs.NotebookTask{NotebookPath: "/Shared/x"}},
		"no-key":       {TaskKey: "a", JobClusterKey: "no-key", NotebookTask: &jobs.NotebookTask{NotebookPath: "/Shared/x"}},
		"no-task":      {TaskKey: "a", DependsOn: after("no-task"), NotebookTask: &jobs.NotebookTask{NotebookPath: "/Shared/x"}},
	}
	for text, task := range missing {
		refused(from(w.Jobs.Create(ctx, jobs.CreateJob{Name: "x", Tasks: []jobs.Task{task}})), nil, text)
		nested := jobs.Task{TaskKey: "loop", ForEachTask: &jobs.ForEachTask{Inputs: "[1]", Task: task}}
		if text != "no-task" && text != "no-key" { // those two are between the tasks of a job
			refused(from(w.Jobs.Create(ctx, jobs.CreateJob{Name: "x", Tasks: []jobs.Task{nested}})), nil, text)
		}
	}
	refused(from(w.Jobs.Create(ctx, jobs.CreateJob{Name: "x", Tasks: []jobs.Task{book("a"), book("a")}})), databricks.ErrBadRequest, "a")
	refused(from(w.Jobs.Create(ctx, jobs.CreateJob{Name: "x", GitSource: &jobs.GitSource{GitUrl: "https://git.example/x"}})),
		nil, "git_source.git_provider must be one of")
	refused(from(w.Jobs.Create(ctx, jobs.CreateJob{Name: "x", Tags: map[string]string{"a": "b"}, MaxConcurrentRuns: 1001})), nil, "")
	refused(from(w.Jobs.GetByJobId(ctx, 404)), nil, "Job 404 does not exist.")
	refused(w.Jobs.Reset(ctx, jobs.ResetJob{JobId: 404, NewSettings: jobs.JobSettings{Name: "x"}}), nil, "Job 404 does not exist.")
}
