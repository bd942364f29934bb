package main

import (
	"fmt"
	"slices"

	"github.com/databricks/databricks-sdk-go"
	"github.com/databricks/databricks-sdk-go/apierr"
	"github.com/databricks/databricks-sdk-go/service/iam"
	"github.com/databricks/databricks-sdk-go/service/jobs"
)

func jobsChange() {
	id := newJob(jobs.CreateJob{Name: "Changing", TimeoutSeconds: 60, Tasks: []jobs.Task{book("a")}})
	same("the queue of a job that says nothing of it", job(id).Settings.Queue.Enabled, true)
	done(w.Jobs.Reset(ctx, jobs.ResetJob{JobId: id, NewSettings: jobs.JobSettings{Name: "Reset", MaxConcurrentRuns: 2,
		Queue: &jobs.QueueSettings{}, Tasks: []jobs.Task{book("a")}}}))
	read := job(id).Settings
	same("a reset replaces everything", []any{read.Name, read.TimeoutSeconds, read.MaxConcurrentRuns, read.Queue.Enabled},
		[]any{"Reset", 0, 2, false})
	done(w.Jobs.Update(ctx, jobs.UpdateJob{JobId: id, FieldsToRemove: []string{"tasks/a"}, NewSettings: &jobs.JobSettings{
		Tags: map[string]string{"a": "b"}, Tasks: []jobs.Task{book("b")}}}))
	read = job(id).Settings
	same("tasks after an update", each(read.Tasks, taskKey), []string{"b"})
	same("tags after an update", read.Tags, map[string]string{"a": "b"})
	same("the name after an update", read.Name, "Reset")
	done(w.Jobs.Update(ctx, jobs.UpdateJob{JobId: id, NewSettings: &jobs.JobSettings{Tasks: []jobs.Task{book("c")}}}))
	same("tasks are merged by key", each(job(id).Settings.Tasks, taskKey), []string{"b", "c"})
	done(w.Jobs.Update(ctx, jobs.UpdateJob{JobId: id, FieldsToRemove: []string{"tags"}}))
	same("tags that were removed", len(job(id).Settings.Tags), 0)
	done(w.Jobs.DeleteByJobId(ctx, id))
	gone := fmt.Sprintf("Job %d does not exist.", id)
	refused(from(w.Jobs.GetByJobId(ctx, id)), nil, gone)
	check(apierr.IsMissing(from(w.Jobs.GetByJobId(ctx, id))), "the SDK does not see that it is missing")
	refused(w.Jobs.DeleteByJobId(ctx, id), nil, gone)
}

func taskKey(task jobs.Task) string { return task.TaskKey }

func jobsRunAs() {
	user := someUser().UserName
	robot := must(w.ServicePrincipalsV2.Create(ctx, iam.CreateServicePrincipalRequest{DisplayName: "runner"})).ApplicationId
	id := newJob(jobs.CreateJob{Name: "run as", RunAs: &jobs.JobRunAs{UserName: user}, Tasks: []jobs.Task{book("a")}})
	same("run_as", job(id).RunAsUserName, user)
	done(w.Jobs.Reset(ctx, jobs.ResetJob{JobId: id, NewSettings: jobs.JobSettings{Name: "reset", Tasks: []jobs.Task{book("a")}}}))
	same("run_as after a reset without it", job(id).RunAsUserName, user)
	runAs := func(wanted jobs.JobRunAs) error {
		return w.Jobs.Update(ctx, jobs.UpdateJob{JobId: id, NewSettings: &jobs.JobSettings{RunAs: &wanted}})
	}
	done(runAs(jobs.JobRunAs{ServicePrincipalName: robot}))
	same("run_as a service principal", job(id).RunAsUserName, robot)
	refused(runAs(jobs.JobRunAs{UserName: "no@body"}), nil, "no@body")
	refused(runAs(jobs.JobRunAs{ServicePrincipalName: "no-robot"}), nil, "no-robot")
	same("run_as after refusals", job(id).RunAsUserName, robot)
}

func jobsTriggers() {
	daily := &jobs.PeriodicTriggerConfiguration{Interval: 1, Unit: jobs.PeriodicTriggerConfigurationTimeUnitDays}
	schedule := &jobs.CronSchedule{QuartzCronExpression: "0 0 2 * * ?", TimezoneId: "UTC", PauseStatus: jobs.PauseStatusPaused}
	file := &jobs.FileArrivalTriggerConfiguration{Url: "abfss://in@lake.dfs.core.windows.net/"}
	table := &jobs.TableUpdateTriggerConfiguration{TableNames: []string{"a.b.c"}}
	triggered := map[string]jobs.CreateJob{
		"schedule":   {Schedule: schedule},
		"periodic":   {Trigger: &jobs.TriggerSettings{PauseStatus: jobs.PauseStatusPaused, Periodic: daily}},
		"file":       {Trigger: &jobs.TriggerSettings{PauseStatus: jobs.PauseStatusUnpaused, FileArrival: file}},
		"table":      {Trigger: &jobs.TriggerSettings{TableUpdate: table}},
		"continuous": {Continuous: &jobs.Continuous{PauseStatus: jobs.PauseStatusPaused}},
		"several": {Triggers: []jobs.TriggerConfiguration{{PauseStatus: jobs.PauseStatusPaused, Periodic: daily},
			{PauseStatus: jobs.PauseStatusPaused, FileArrival: file}}},
	}
	for name, wanted := range triggered {
		wanted.Name, wanted.Tasks = name, []jobs.Task{book("a")}
		id := newJob(wanted)
		contains(name, job(id).Settings, wanted)
		done(w.Jobs.DeleteByJobId(ctx, id))
	}
	both := jobs.CreateJob{Name: "x", Schedule: schedule, Trigger: triggered["periodic"].Trigger}
	refused(from(w.Jobs.Create(ctx, both)), databricks.ErrBadRequest, "")
	crowd := jobs.CreateJob{Name: "x", Continuous: triggered["continuous"].Continuous, MaxConcurrentRuns: 2}
	refused(from(w.Jobs.Create(ctx, crowd)), databricks.ErrBadRequest, "")
	mixed := jobs.CreateJob{Name: "x", Schedule: schedule, Triggers: triggered["several"].Triggers}
	refused(from(w.Jobs.Create(ctx, mixed)), databricks.ErrBadRequest, "")
}

func manyTasks(count int) []jobs.Task {
	tasks := []jobs.Task{}
	for number := range count {
		tasks = append(tasks, book(fmt.Sprintf("t%04d", number)))
	}
	return tasks
}

func jobsOfManyTasks() {
	wanted := jobs.CreateJob{Name: "large", Tasks: manyTasks(250)}
	for number := range 120 {
		name := fmt.Sprintf("n%03d", number)
		wanted.Parameters = append(wanted.Parameters, jobs.JobParameterDefinition{Name: name, Default: "1"})
		wanted.Environments = append(wanted.Environments, jobs.JobEnvironment{EnvironmentKey: name})
	}
	id := newJob(wanted)
	read := job(id)
	first := must(w.Jobs.GetByJobId(ctx, id))
	check(len(first.Settings.Tasks) == 100 && first.NextPageToken != "", "the first page of a large job")
	same("task keys", each(read.Settings.Tasks, taskKey), each(wanted.Tasks, taskKey))
	same("parameters", len(read.Settings.Parameters), 120)
	same("environments", len(read.Settings.Environments), 120)
	found := all(w.Jobs.List(ctx, jobs.ListJobsRequest{ExpandTasks: true, Limit: 100}))
	number := slices.IndexFunc(found, func(job jobs.BaseJob) bool { return job.JobId == id })
	same("tasks in an expanded listing", len(found[number].Settings.Tasks), 250)
	done(w.Jobs.Update(ctx, jobs.UpdateJob{JobId: id, FieldsToRemove: []string{"tasks/t0000"}}))
	same("tasks without the first", each(job(id).Settings.Tasks, taskKey), each(wanted.Tasks[1:], taskKey))
	refused(from(w.Jobs.Create(ctx, jobs.CreateJob{Name: "x", Tasks: manyTasks(1001)})), databricks.ErrBadRequest, "1000")
}

func jobsInPages() {
	for range 25 {
		newJob(jobs.CreateJob{Name: "Same name", Tasks: []jobs.Task{book("a")}})
	}
	found := all(w.Jobs.List(ctx, jobs.ListJobsRequest{Limit: 7}))
	once("jobs in pages of 7", each(found, func(job jobs.BaseJob) int64 { return job.JobId }))
	oldestLast := func(a, b jobs.BaseJob) int { return int(b.CreatedTime - a.CreatedTime) }
	check(slices.IsSortedFunc(found, oldestLast), "jobs are not listed newest first")
	for _, job := range found {
		check(len(job.Settings.Tasks) == 0, "a plain listing has tasks")
	}
	same("jobs by name, whatever the case", len(must(w.Jobs.ListAll(ctx, jobs.ListJobsRequest{Name: "same NAME"}))), 25)
	refused(from(w.Jobs.ListAll(ctx, jobs.ListJobsRequest{Limit: 101})), databricks.ErrBadRequest, "")
	refused(from(w.Jobs.ListAll(ctx, jobs.ListJobsRequest{PageToken: "nonsense"})), databricks.ErrBadRequest, "")
}
